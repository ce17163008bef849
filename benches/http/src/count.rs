//! Instructions a request, by `valgrind --tool=callgrind`: what a layer does, without sockets, other threads and load.
//!
//! The program runs itself once per contender. Requests are handed to its router one by one and the bodies of the answers
//! are read to their end, as hyper does it. Collection is toggled by the function that does so.

use crate::child::CONTENDERS;
use crate::{HELLO, TARGET};
use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::http::{Request, Response};
use std::pin::{Pin, pin};
use std::process::{Command, Stdio};
use std::task::{Context, Poll, Waker};
use tower_service::Service as _;

const WARM_UP: usize = 500;
const REQUESTS: usize = 1_000;
/// Valgrind counts `rep movsb`, by which glibc copies more than some 2 KiB, as one instruction a byte.
const NO_REPEATED_INSTRUCTIONS: &str =
    "glibc.cpu.x86_rep_movsb_threshold=0x40000000:glibc.cpu.x86_rep_stosb_threshold=0x40000000";

/// Counts all contenders.
pub(crate) fn run() {
    let mut bare = None;
    println!(
        "{REQUESTS} requests each, in user space\n{:28}{:>16}{:>12}",
        "", "instructions", "more"
    );
    for (name, _) in CONTENDERS {
        let Some(own) = instructions(name) else {
            eprintln!("no count for {name}: is valgrind installed?");
            continue;
        };
        let bare = *bare.get_or_insert(own);
        println!("{name:28}{own:>16}{:>12}", own - bare);
    }
}

fn instructions(name: &str) -> Option<i64> {
    let program = std::env::current_exe().ok()?;
    let directory = program.parent()?.join("callgrind");
    std::fs::create_dir_all(&directory).ok()?;
    let profile = directory.join(format!("http.{}", name.replace([' ', ',', '%'], "")));
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=traced_benches_http::count::ask*")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args(["ask", name])
        .env("GLIBC_TUNABLES", NO_REPEATED_INSTRUCTIONS)
        .stderr(Stdio::null())
        .status();
    status.ok().filter(std::process::ExitStatus::success)?;
    let profile = std::fs::read_to_string(profile).ok()?;
    let total = profile.lines().find_map(|line| line.strip_prefix("totals: "))?;
    Some(total.trim().parse::<i64>().ok()? / i64::try_from(REQUESTS).ok()?)
}

/// The process whose instructions are counted.
pub(crate) fn be_counted(name: &str) {
    let (_, set_up) = CONTENDERS.iter().find(|(other, _)| *other == name).expect("a contender");
    // Nobody listens there.
    let contender = set_up("http://127.0.0.1:1/v1/traces");
    // As a server does it before the first request.
    let mut app = contender.app.with_state(());
    let requests = |count| (0..count).map(|_| request()).collect();
    let warm_up: Vec<_> = requests(WARM_UP);
    // Not by way of the function that toggles.
    for request in warm_up {
        answer(&mut app, request);
    }
    ask(&mut app, requests(REQUESTS));
}

fn request() -> Request<Body> {
    let request = Request::get(TARGET).header("host", "localhost");
    request.body(Body::empty()).expect("a request")
}

#[inline(never)]
fn ask(app: &mut Router, requests: Vec<Request<Body>>) {
    for request in requests {
        answer(app, request);
    }
}

fn answer(app: &mut Router, request: Request<Body>) {
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(answer)) = pin!(app.call(request)).poll(&mut cx) else {
        panic!("nothing waits here")
    };
    read(answer, &mut cx);
}

fn read(answer: Response<Body>, cx: &mut Context<'_>) {
    let mut body = answer.into_body();
    let (mut length, whole) = (0, body.size_hint().exact());
    while !body.is_end_stream() && whole != Some(length) {
        match Pin::new(&mut body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                length += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            _ => break,
        }
    }
    assert_eq!(length, HELLO.len() as u64);
}
