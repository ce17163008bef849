//! The process of one contender: a server, and answers to questions about it.

use crate::{HELLO, ROUTE, fastrace_axum, ours, tracing_axum};
use axum::Router;
use axum::routing::get;
use std::io::{BufRead as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tokio::net::TcpListener;

/// What a contender does: its server, and how it delivers what it has.
pub(crate) struct Contender {
    pub(crate) app: Router,
    pub(crate) flush: Box<dyn Fn()>,
}

/// Its set-up, given where spans go.
pub(crate) type SetUp = fn(endpoint: &str) -> Contender;

pub(crate) const BARE: &str = "axum";
pub(crate) const CONTENDERS: &[(&str, SetUp)] = &[
    (BARE, bare),
    ("axum, an empty layer", empty),
    ("traced, nobody listens", ours::off),
    ("traced, 1 %", ours::part),
    ("traced, all", ours::all),
    ("fastrace-axum, 1 %", fastrace_axum::part),
    ("fastrace-axum, all", fastrace_axum::all),
    ("tower-http + tracing, 1 %", tracing_axum::part),
    ("tower-http + tracing, all", tracing_axum::all),
];

fn bare(_: &str) -> Contender {
    async fn hello() -> &'static str {
        HELLO
    }
    Contender { app: Router::new().route(ROUTE, get(hello)), flush: Box::new(|| {}) }
}

/// What any layer costs in axum, whatever it does.
fn empty(endpoint: &str) -> Contender {
    let Contender { app, flush } = bare(endpoint);
    Contender { app: app.layer(tower_layer::Identity::new()), flush }
}

/// Serves until nobody asks any more.
pub(crate) fn serve(name: &str, endpoint: &str) {
    let (_, set_up) = CONTENDERS.iter().find(|(other, _)| *other == name).expect("a contender");
    let contender = set_up(endpoint);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    say(listener.local_addr().expect("an address").port().into());
    let _served = runtime.spawn(async move { axum::serve(listener, contender.app).await });
    for question in std::io::stdin().lock().lines().map_while(Result::ok) {
        if question == "time" {
            say(processor_ns());
        } else {
            (contender.flush)();
            say(0);
        }
    }
}

fn say(answer: u64) {
    println!("{answer}");
    std::io::stdout().flush().expect("somebody reads");
}

fn processor_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

/// A contender's process, seen from outside.
pub(crate) struct Server {
    pub(crate) port: u16,
    questions: ChildStdin,
    answers: std::io::BufReader<ChildStdout>,
    process: Child,
}

impl Server {
    pub(crate) fn start(name: &str, endpoint: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("a path"))
            .args(["serve", name, endpoint])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let questions = process.stdin.take().expect("it is piped");
        let answers = std::io::BufReader::new(process.stdout.take().expect("it is piped"));
        let mut server = Self { port: 0, questions, answers, process };
        server.port = u16::try_from(server.answer()).expect("a port");
        server
    }

    fn answer(&mut self) -> u64 {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("an answer");
        line.trim().parse().expect("a number")
    }

    fn ask(&mut self, question: &str) -> u64 {
        writeln!(self.questions, "{question}").expect("it listens");
        self.answer()
    }

    /// The processor time that it has taken, in nanoseconds.
    pub(crate) fn processor_ns(&mut self) -> u64 {
        self.ask("time")
    }

    /// Lets it deliver what it has.
    pub(crate) fn flush(&mut self) {
        self.ask("flush");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
