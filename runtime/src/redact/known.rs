//! Errors of others: facts that are safe by what they are, a kind, a code, a position; never their text.

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
    if let Some(known) = policy_of(error) {
        known.describe(out);
    }
    for cause in chain(error).skip(1) {
        if let Some(known) = policy_of(cause) {
            out.source(known);
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

/// The category of the mistake and where it is, never what is there.
#[cfg(feature = "serde_json")]
impl Redact for serde_json::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("line", Value::U64(self.line() as u64));
        out.field("column", Value::U64(self.column() as u64));
    }

    fn describe(&self, out: &mut Failure<'_>) {
        use serde_json::error::Category;
        out.fact(match self.classify() {
            Category::Io => "json:Io",
            Category::Syntax => "json:Syntax",
            Category::Data => "json:Data",
            Category::Eof => "json:Eof",
        });
    }
}

/// What went wrong and the status of the answer, never the URL, which may hold a key.
#[cfg(feature = "reqwest")]
impl Redact for reqwest::Error {
    fn redact(&self, out: &mut Fields<'_>) {
        if let Some(status) = self.status() {
            out.field("status", Value::U64(status.as_u16().into()));
        }
    }

    fn describe(&self, out: &mut Failure<'_>) {
        out.fact(if self.is_timeout() {
            "reqwest:Timeout"
        } else if self.is_connect() {
            "reqwest:Connect"
        } else if self.is_status() {
            "reqwest:Status"
        } else if self.is_redirect() {
            "reqwest:Redirect"
        } else if self.is_decode() {
            "reqwest:Decode"
        } else if self.is_body() {
            "reqwest:Body"
        } else if self.is_builder() {
            "reqwest:Builder"
        } else {
            "reqwest:Request"
        });
        for cause in self.source().into_iter().flat_map(chain) {
            if let Some(known) = policy_of(cause) {
                out.source(known);
            }
        }
    }
}

/// The code of the answer, never its message.
#[cfg(feature = "tonic")]
impl Redact for tonic::Status {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("code", Value::I64((self.code() as i32).into()));
    }

    fn describe(&self, out: &mut Failure<'_>) {
        use tonic::Code as C;
        out.fact(match self.code() {
            C::Ok => "grpc:Ok",
            C::Cancelled => "grpc:Cancelled",
            C::Unknown => "grpc:Unknown",
            C::InvalidArgument => "grpc:InvalidArgument",
            C::DeadlineExceeded => "grpc:DeadlineExceeded",
            C::NotFound => "grpc:NotFound",
            C::AlreadyExists => "grpc:AlreadyExists",
            C::PermissionDenied => "grpc:PermissionDenied",
            C::ResourceExhausted => "grpc:ResourceExhausted",
            C::FailedPrecondition => "grpc:FailedPrecondition",
            C::Aborted => "grpc:Aborted",
            C::OutOfRange => "grpc:OutOfRange",
            C::Unimplemented => "grpc:Unimplemented",
            C::Internal => "grpc:Internal",
            C::Unavailable => "grpc:Unavailable",
            C::DataLoss => "grpc:DataLoss",
            C::Unauthenticated => "grpc:Unauthenticated",
        });
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

#[cfg(test)]
mod tests {
    #[allow(unused_imports, reason = "where no feature is on")]
    use super::super::failure::Facts;

    #[cfg(feature = "reqwest")]
    #[test]
    fn of_an_http_client_the_category_and_not_the_url() {
        let request = reqwest::Client::new().get("http://user:hunter2@[/?key=hunter2");
        let error = request.build().expect_err("no URL");
        assert!(error.to_string().contains("builder"), "{error}");
        assert_eq!(Facts::of(&error).variant, Some("Builder"));
        let boxed: Box<dyn std::error::Error + Send + Sync> = error.into();
        assert_eq!(Facts::of(&boxed).variant, Some("Builder"), "also where it is in a box");
    }

    #[cfg(feature = "tonic")]
    #[test]
    fn of_a_grpc_status_the_code_and_not_the_message() {
        let status = tonic::Status::permission_denied("hunter2");
        assert_eq!(Facts::of(&status).variant, Some("PermissionDenied"));
        let boxed: Box<dyn std::error::Error + Send + Sync> = status.into();
        assert_eq!(
            Facts::of(&boxed).variant,
            Some("PermissionDenied"),
            "also where it is in a box"
        );
    }

    #[cfg(feature = "serde_json")]
    #[test]
    fn of_json_the_category() {
        let error = serde_json::from_str::<u8>("\"hunter2\"").expect_err("no number");
        assert_eq!(Facts::of(&error).variant, Some("Data"));
    }
}
