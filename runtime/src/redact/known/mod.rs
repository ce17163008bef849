//! Errors of others: facts that are safe by what they are, a kind, a code, a position; never their text.

#[cfg(feature = "sqlx")]
mod database;
#[cfg(feature = "tonic")]
mod grpc;
#[cfg(feature = "reqwest")]
mod http_client;
#[cfg(feature = "serde_json")]
mod json;

use super::{Failure, Fields, Redact};
use crate::sync::OnceLock;
use crate::value::Value;
use std::error::Error;
use std::io;

/// Asks whether an error is of a type, and if so, for its policy.
type Known = for<'e> fn(&'e (dyn Error + 'static)) -> Option<&'e dyn Redact>;

/// How many types can be registered.
const MAX_REGISTERED: usize = 64;

static REGISTERED: [OnceLock<Known>; MAX_REGISTERED] = [const { OnceLock::new() }; MAX_REGISTERED];

/// The types of the standard library and of libraries whose features are on.
const BUILT_IN: &[Known] = &[
    known::<io::Error>,
    known::<std::num::ParseIntError>,
    known::<std::num::ParseFloatError>,
    known::<std::str::Utf8Error>,
    known::<std::string::FromUtf8Error>,
    known::<std::fmt::Error>,
    #[cfg(feature = "serde_json")]
    known::<serde_json::Error>,
    #[cfg(feature = "reqwest")]
    known::<reqwest::Error>,
    #[cfg(feature = "tonic")]
    known::<tonic::Status>,
    #[cfg(feature = "sqlx")]
    known::<sqlx::Error>,
];

fn known<'e, E: Error + Redact + 'static>(
    error: &'e (dyn Error + 'static),
) -> Option<&'e dyn Redact> {
    error.downcast_ref::<E>().map(|error| error as &dyn Redact)
}

/// Makes a type with a policy known where it is behind a `Box<dyn Error>`, `anyhow` or `eyre`. Whether there was room
/// is returned; there is for 64 types.
pub fn register_error<E: Error + Redact + 'static>() -> bool {
    REGISTERED.iter().any(|slot| slot.set(known::<E>).is_ok())
}

fn policy_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e dyn Redact> {
    let registered = REGISTERED.iter().map_while(OnceLock::get).copied();
    registered.chain(BUILT_IN.iter().copied()).find_map(|known| known(error))
}

/// More causes than this are not looked at.
const MAX_CAUSES: usize = 16;

/// An error of a type that nobody knows here, and all that caused it.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source()).take(MAX_CAUSES)
}

/// Records the outermost error of a chain that is known.
fn redact_known(error: &(dyn Error + 'static), out: &mut Fields<'_>) {
    if let Some(known) = policy_of(error) {
        known.redact(out);
    }
}

fn describe_known(error: &(dyn Error + 'static), out: &mut Failure<'_>) {
    let before = out.causes();
    if let Some(known) = policy_of(error) {
        known.describe(out);
    }
    // Who says what caused it says all of it.
    if out.causes() == before {
        follow(error, out);
    }
}

/// Tells what caused an error, as far as it is known.
fn follow(error: &(dyn Error + 'static), out: &mut Failure<'_>) {
    for cause in chain(error).skip(1) {
        let Some(known) = policy_of(cause) else { continue };
        let before = out.causes();
        out.source(known);
        if out.causes() > before + 1 {
            return;
        }
    }
}

macro_rules! dynamic_errors {
    ($($type:ty),* $(,)?) => {$(
        /// By the types of the chain that are known; never text.
        impl Redact for $type {
            fn redact(&self, out: &mut Fields<'_>) {
                redact_known(self, out);
            }

            fn describe(&self, out: &mut Failure<'_>) {
                describe_known(self, out);
            }
        }
    )*};
}

dynamic_errors!(dyn Error, dyn Error + Send, dyn Error + Send + Sync);

/// Errors whose only safe fact is a literal.
macro_rules! facts {
    ($($type:ty => |$error:ident| $fact:expr),* $(,)?) => {$(
        impl Redact for $type {
            fn redact(&self, out: &mut Fields<'_>) {
                let $error = self;
                let fact: &'static str = $fact;
                let fact = fact.split_once(':').map_or(fact, |(_, fact)| fact);
                out.value(Value::Text(fact));
            }

            fn describe(&self, out: &mut Failure<'_>) {
                let $error = self;
                out.fact($fact);
            }
        }
    )*};
}

facts! {
    io::Error => |error| io_kind(error.kind()),
    std::num::ParseIntError => |error| match error.kind() {
        std::num::IntErrorKind::Empty => "int:Empty",
        std::num::IntErrorKind::InvalidDigit => "int:InvalidDigit",
        std::num::IntErrorKind::PosOverflow => "int:PosOverflow",
        std::num::IntErrorKind::NegOverflow => "int:NegOverflow",
        _ => "int:Other",
    },
    std::num::ParseFloatError => |_error| "float:Invalid",
    std::str::Utf8Error => |_error| "utf8:Invalid",
    std::string::FromUtf8Error => |_error| "utf8:Invalid",
    std::fmt::Error => |_error| "fmt:Error",
    std::sync::mpsc::RecvError => |_error| "channel:Disconnected",
    std::time::SystemTimeError => |_error| "time:Backwards",
    std::env::VarError => |error| match error {
        std::env::VarError::NotPresent => "env:NotPresent",
        // Not the value, which is inside.
        std::env::VarError::NotUnicode(_) => "env:NotUnicode",
    },
}

fn io_kind(kind: io::ErrorKind) -> &'static str {
    use io::ErrorKind as K;
    match kind {
        K::NotFound => "io:NotFound",
        K::PermissionDenied => "io:PermissionDenied",
        K::ConnectionRefused => "io:ConnectionRefused",
        K::ConnectionReset => "io:ConnectionReset",
        K::HostUnreachable => "io:HostUnreachable",
        K::NetworkUnreachable => "io:NetworkUnreachable",
        K::ConnectionAborted => "io:ConnectionAborted",
        K::NotConnected => "io:NotConnected",
        K::AddrInUse => "io:AddrInUse",
        K::AddrNotAvailable => "io:AddrNotAvailable",
        K::NetworkDown => "io:NetworkDown",
        K::BrokenPipe => "io:BrokenPipe",
        K::AlreadyExists => "io:AlreadyExists",
        K::WouldBlock => "io:WouldBlock",
        K::NotADirectory => "io:NotADirectory",
        K::IsADirectory => "io:IsADirectory",
        K::DirectoryNotEmpty => "io:DirectoryNotEmpty",
        K::ReadOnlyFilesystem => "io:ReadOnlyFilesystem",
        K::StaleNetworkFileHandle => "io:StaleNetworkFileHandle",
        K::InvalidInput => "io:InvalidInput",
        K::InvalidData => "io:InvalidData",
        K::TimedOut => "io:TimedOut",
        K::WriteZero => "io:WriteZero",
        K::StorageFull => "io:StorageFull",
        K::NotSeekable => "io:NotSeekable",
        K::FileTooLarge => "io:FileTooLarge",
        K::ResourceBusy => "io:ResourceBusy",
        K::Deadlock => "io:Deadlock",
        K::Interrupted => "io:Interrupted",
        K::Unsupported => "io:Unsupported",
        K::UnexpectedEof => "io:UnexpectedEof",
        K::OutOfMemory => "io:OutOfMemory",
        _ => "io:Other",
    }
}

/// The chain, by the types that are known.
#[cfg(feature = "anyhow")]
impl Redact for anyhow::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        redact_known(&**self, out);
    }

    fn describe(&self, out: &mut Failure<'_>) {
        describe_known(&**self, out);
    }
}

/// The chain, by the types that are known.
#[cfg(feature = "eyre")]
impl Redact for eyre::Report {
    fn redact(&self, out: &mut Fields<'_>) {
        redact_known(&**self, out);
    }

    fn describe(&self, out: &mut Failure<'_>) {
        describe_known(&**self, out);
    }
}
