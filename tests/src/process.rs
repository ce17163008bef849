//! Processes for tests, and how tests wait.
//!
//! A test waits for what must come, for as long as that takes: a machine may stand still for seconds at any line. Where
//! a wait needs an end, so that a mistake is told instead of hanging, it is [`PATIENCE`], which no machine reaches that
//! works. So [`flush`] and [`builder`] of this crate take the place of `traced`'s, whose five seconds are for
//! programs; where a limit of time is what is tested, it is short, and reached for certain.
//!
//! What a test means does not depend on who runs it: variables that decide what `traced` does are not handed down.

use socket2::{Domain, SockAddr, Socket, Type};
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long tests wait for what must come: a guard against hanging, not a limit.
#[allow(clippy::duration_suboptimal_units, reason = "minutes are newer than our oldest compiler")]
pub const PATIENCE: Duration = Duration::from_secs(600);

/// Sends what was kept until now, and waits until it is done.
pub fn flush() -> bool {
    traced::flush_within(PATIENCE)
}

/// The blocks of all chunks have one bound in a process, and small ones never become large: tests that fill some take turns,
/// two at a time, however many others run.
pub fn room() -> MutexGuard<'static, ()> {
    static TURNS: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];
    let free = TURNS[0].try_lock().ok();
    free.unwrap_or_else(|| TURNS[1].lock().unwrap_or_else(PoisonError::into_inner))
}

/// Works anew as long as it takes so long that a root of it is sent in parts, which is not what the test looks at.
pub fn before_a_part_is_due<R>(mut work: impl FnMut() -> R) -> R {
    loop {
        let begun = Instant::now();
        let done = work();
        if begun.elapsed() < Duration::from_secs(25) {
            return done;
        }
    }
}

/// Sets up tracing as [`traced::builder`] does, without variables of whoever runs the tests; its end is waited for.
pub fn builder() -> traced::Builder {
    without_variables_of_others();
    traced::builder().shutdown_within(PATIENCE)
}

/// Whether this process was begun by [`again`].
pub fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

const AGAIN: &str = "TRACED_TEST_CHILD";

/// The calling test, with its modules, in a process of its own that has yet to begin.
pub fn again(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().expect("a path"));
    child.args([test, "--exact", "--nocapture", "--test-threads=1"]).stdin(Stdio::null());
    forget_variables(&mut child);
    child.env(AGAIN, "1");
    child
}

/// Runs `body` in a process of its own: for what a process can do only once, or not survive.
///
/// `test` is the name of the calling test, with its modules.
#[track_caller]
pub fn in_a_process_of_its_own(test: &str, body: impl FnOnce()) {
    if is_again() {
        return body();
    }
    let output = again(test).output().expect("a process");
    let said = String::from_utf8_lossy(&output.stdout);
    let passed = output.status.success() && said.contains("1 passed");
    assert!(passed, "{}: {said}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
}

/// Those that decide what `traced` and clients of HTTP do, and are not a test's own.
fn is_of_others(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    let is_ours =
        ["TRACED_TEST_", "TRACED_MODEL_", "TRACED_MIX_"].iter().any(|own| name.starts_with(own));
    let decides =
        name.starts_with("OTEL_") || name.starts_with("TRACED") || name.ends_with("_PROXY");
    decides && !is_ours
        || ["CI", "KUBERNETES_SERVICE_HOST", "NO_COLOR", "COLUMNS"].contains(&&*name)
}

/// A child process does not get them.
pub fn forget_variables(child: &mut Command) {
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_others(name)) {
        child.env_remove(name);
    }
}

/// Begins this program anew without them, if there are any, in place of the process that runs: no test can be over
/// that began with them.
fn without_variables_of_others() {
    #[cfg(unix)]
    if !is_again() && std::env::vars_os().any(|(name, _)| is_of_others(&name)) {
        let mut anew = Command::new(std::env::current_exe().expect("a path"));
        forget_variables(anew.args(std::env::args_os().skip(1)));
        let error = std::os::unix::process::CommandExt::exec(&mut anew);
        panic!("this program cannot begin anew: {error}");
    }
}

/// A port of loopback that nobody listens at, and nobody else can take.
#[derive(Debug)]
pub struct Deserted(Socket, SocketAddr);

impl Deserted {
    /// One more.
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);
        socket.bind(&SockAddr::from(any)).expect("a free port");
        let address = socket.local_addr().ok().and_then(|address| address.as_socket());
        Self(socket, address.expect("an address"))
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.1
    }

    /// From now on somebody listens there.
    pub fn listen(self) -> TcpListener {
        self.0.listen(128).expect("a socket that is bound");
        self.0.into()
    }
}

impl Default for Deserted {
    fn default() -> Self {
        Self::new()
    }
}
