//! Requests a second through axum, on loopback: a hello world, and the same with a layer and one annotated handler.
//!
//! `cargo run --release -p traced-benches-http -- [--rounds N] [--seconds S] [--by wrk|oha] [--only NAME]`, or
//! `-- --instructions` for what can be counted without load.
//!
//! Each contender is a process of its own; this one makes the load, by 32 connections that send their next request when
//! they have the answer to the last, or lets `wrk` or `oha` make it, and is the collector that takes all spans. The contenders take turns, so that
//! whatever else the machine does happens to all of them. Two numbers are told of each: requests a second, of the
//! whole machine, and the processor time of the server's process for a request, which other processes disturb less.
//! Both also as a ratio to the bare server: the median over the rounds, of neighbours in time.

mod child;
mod contest;
mod count;
mod fastrace_axum;
mod load;
mod ours;
#[path = "../../src/bin/end_to_end/sink.rs"]
mod sink;
mod tracing_axum;

use load::By;

/// What is served; the route that all handlers have.
pub(crate) const HELLO: &str = "Hello, World!";
pub(crate) const ROUTE: &str = "/hello/{name}";
/// What is asked for.
pub(crate) const TARGET: &str = "/hello/world";
/// What of the traces is kept, where not all are.
pub(crate) const PART: f64 = 0.01;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (mut rounds, mut seconds, mut by, mut only) = (15, 1.0, By::Own, None);
    match &arguments[..] {
        [serve, name, endpoint] if serve == "serve" => return child::serve(name, endpoint),
        [ask, name] if ask == "ask" => return count::be_counted(name),
        [only] if only == "--instructions" => return count::run(),
        options => {
            for option in options.chunks(2) {
                match option {
                    [flag, n] if flag == "--rounds" => rounds = n.parse().expect("a number"),
                    [flag, n] if flag == "--seconds" => seconds = n.parse().expect("a number"),
                    [flag, name] if flag == "--by" => by = By::name(name).expect("wrk or oha"),
                    [flag, name] if flag == "--only" => only = Some(name.as_str()),
                    _ => {
                        eprintln!(
                            "usage: traced-benches-http [--rounds N] [--seconds S] [--by wrk|oha] \
                             [--only NAME] | --instructions"
                        );
                        std::process::exit(2);
                    }
                }
            }
        }
    }
    contest::run(rounds, seconds, by, only);
}
