//! What a storm costs: the numbers of docs/sampling.md and deploy/README.md.
//!
//! `cargo run --release -p traced-tests --example storm`
//!
//! Spans go by OTLP to a sink in this process that counts bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use traced::sampling::{Adaptive, Class, End, Head, Sampler, Start, Verdict};
use traced::traced;

static MODE: AtomicU8 = AtomicU8::new(KEEP);
const KEEP: u8 = 0;
const DROP: u8 = 1;
const ADAPTIVE: u8 = 2;

#[derive(Debug)]
struct Switched(Adaptive);

impl Sampler for Switched {
    fn start(&self, root: &Start) -> Head {
        match MODE.load(Relaxed) {
            KEEP => Head::SAMPLED,
            DROP => Head::UNTIL_END,
            _ => self.0.start(root),
        }
    }

    fn end(&self, root: &End) -> Verdict {
        match MODE.load(Relaxed) {
            KEEP => Verdict::Keep,
            DROP => Verdict::Drop,
            _ => self.0.end(root),
        }
    }

    fn sampled(&self) -> Option<traced::sampling::Sampled> {
        self.0.sampled()
    }
}

static BYTES: AtomicUsize = AtomicUsize::new(0);

/// Answers every request with 200 and counts bodies.
fn sink() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    Ok(port)
}

fn serve(mut stream: TcpStream) {
    let mut received = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let Some(head_end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(length) => received.extend_from_slice(&buffer[..length]),
            }
            continue;
        };
        let head = String::from_utf8_lossy(&received[..head_end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
        while received.len() < head_end + 4 + length {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(length) => received.extend_from_slice(&buffer[..length]),
            }
        }
        BYTES.fetch_add(length, Relaxed);
        received.drain(..head_end + 4 + length);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

#[traced]
fn leaf() {}

#[traced(uncompressed)]
fn each() {}

#[traced]
fn hundred() {
    (0..100).for_each(|_| leaf());
}

#[traced(root)]
fn loop_of(calls: u32) {
    (0..calls).for_each(|_| leaf());
}

#[traced(root)]
fn loop_of_each(calls: u32) {
    (0..calls).for_each(|_| each());
}

#[traced]
fn query(table: u64, #[public] sql: &str) -> usize {
    sql.len() + usize::try_from(table).unwrap_or(0)
}

#[traced]
fn handle(order: u64) -> Result<usize, std::io::Error> {
    if order % 100 == 99 {
        return Err(std::io::ErrorKind::TimedOut.into());
    }
    Ok((0..9).map(|table| query(table, "select * from orders where id = $1")).sum())
}

/// The least time of several rounds, in nanoseconds.
fn least(rounds: u32, mut work: impl FnMut()) -> f64 {
    let time = |work: &mut dyn FnMut()| {
        let begin = Instant::now();
        work();
        begin.elapsed().as_secs_f64() * 1e9
    };
    (0..rounds).map(|_| time(&mut work)).fold(f64::INFINITY, f64::min)
}

/// In KiB.
fn peak() -> u64 {
    traced_tests::peak_kib().unwrap_or(0)
}

fn sent(work: impl FnOnce()) -> (usize, u64) {
    traced::flush();
    let (bytes, spans) = (BYTES.load(Relaxed), traced::stats().exported);
    work();
    traced::flush();
    (BYTES.load(Relaxed) - bytes, traced::stats().exported - spans)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let gzip = std::env::args().any(|argument| argument == "gzip");
    let compression =
        if gzip { traced::otlp::Compression::Gzip } else { traced::otlp::Compression::None };
    let _traced = traced::builder()
        .service_name("storm")
        .destination(traced::Destination::Otlp)
        .endpoint(format!("http://127.0.0.1:{}/v1/traces", sink()?))
        .compression(compression)
        .sampler(Switched(Adaptive::new()))
        .interval(Duration::from_millis(100))
        .install()?;

    let (bytes, spans) = sent(|| (0..2000).for_each(|order| drop(handle(order))));
    println!("{spans} spans of a request with a query each: {} bytes a span", bytes / 20_000);

    // Once before, so that all is there that stays.
    sent(|| loop_of(100_000));
    // Linux forgets the peak of a process that writes this.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = peak();
    let mut more = 0;
    let (bytes, spans) = sent(|| {
        loop_of(1_000_000);
        more = peak().saturating_sub(before);
    });
    println!("a loop of 1,000,000 calls: {spans} spans, {bytes} bytes; {more} KiB of memory more");
    let compressed = least(20, || loop_of(100_000)) / 1e5;
    MODE.store(DROP, Relaxed);
    let recorded = least(20, || loop_of_each(5_000)) / 5e3;
    println!("a call in a loop: {compressed:.1} ns compressed, {recorded:.1} ns recorded");

    MODE.store(ADAPTIVE, Relaxed);
    (0..200_000).for_each(|_| hundred());
    // In turns, because machines are faster at one time than at another.
    let (mut dropped, mut judged) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..200 {
        MODE.store(DROP, Relaxed);
        dropped = dropped.min(least(20, hundred));
        MODE.store(ADAPTIVE, Relaxed);
        judged = judged.min(least(20, hundred));
    }
    println!("root and 100 spans: {dropped:.0} ns dropped, {judged:.0} ns judged and dropped");

    std::thread::sleep(Duration::from_secs(2));
    let before = traced::stats().sampled;
    let begin = Instant::now();
    let (bytes, spans) = sent(|| (0..1_000_000).for_each(|order| drop(handle(order))));
    let (seconds, sampled) = (begin.elapsed().as_secs_f64(), traced::stats().sampled);
    println!("1,000,000 traces in {seconds:.1} s: {spans} spans, {bytes} bytes sent");
    for class in Class::ALL {
        let kept = sampled.kept(class) - before.kept(class);
        let chance = sampled.dropped_by_chance(class) - before.dropped_by_chance(class);
        let budget = sampled.dropped_over_budget(class) - before.dropped_over_budget(class);
        println!("  {class}: {kept} kept, {chance} dropped by chance, {budget} over the budget");
    }
    println!("{} KiB of memory at the most", peak());
    Ok(())
}
