//! Requests as fast as they are answered, on a few connections: by a generator in here, at little cost of its own, or by
//! a program that somebody else made, which takes more of the machine for a request.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 32;
const REQUEST: &[u8] = b"GET /hello/world HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Who makes the load.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    /// The generator in here.
    Own,
    /// `wrk`, by one thread.
    Wrk,
    /// `oha`.
    Oha,
}

impl By {
    /// A program by its name.
    pub(crate) fn name(name: &str) -> Option<Self> {
        match name {
            "wrk" => Some(Self::Wrk),
            "oha" => Some(Self::Oha),
            _ => None,
        }
    }

    /// Puts load on a server for a while; how many requests were answered, and in what time.
    pub(crate) fn load(self, port: u16, duration: Duration) -> (u64, Duration) {
        // Both know whole seconds only.
        let seconds = duration.as_secs().max(1);
        let address = format!("http://127.0.0.1:{port}{}", crate::TARGET);
        match self {
            Self::Own => on(port, duration),
            Self::Wrk => {
                let told = output_of("wrk", &format!("-t1 -c{CONNECTIONS} -d{seconds}s {address}"));
                // `12345 requests in 1.10s, 1.67MB read`
                let line =
                    told.lines().find(|line| line.contains(" requests in ")).expect("a count");
                let (count, rest) = line.trim().split_once(" requests in ").expect("a count");
                let took = rest.split('s').next().expect("a time");
                (count.parse().expect("a number"), seconds_of(took))
            }
            Self::Oha => {
                let form = "--no-tui --output-format json";
                let told =
                    output_of("oha", &format!("{form} -c {CONNECTIONS} -z {seconds}s {address}"));
                let number = |key: &str| -> f64 {
                    let (_, behind) = told.split_once(&format!("\"{key}\":")).expect("its summary");
                    let number = behind.split([',', '}']).next().expect("a number");
                    number.trim().parse().expect("a number")
                };
                let total = number("total");
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let answered = (number("requestsPerSec") * total).round() as u64;
                (answered, Duration::from_secs_f64(total))
            }
        }
    }
}

fn output_of(program: &str, arguments: &str) -> String {
    let output = std::process::Command::new(program).args(arguments.split(' ')).output();
    let output = output.unwrap_or_else(|error| panic!("{program} is not to be had: {error}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn seconds_of(text: &str) -> Duration {
    Duration::from_secs_f64(text.parse().expect("seconds"))
}

fn on(port: u16, duration: Duration) -> (u64, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime.expect("a runtime"), async {
        let began = Instant::now();
        let end = began + duration;
        let connections: Vec<_> =
            (0..CONNECTIONS).map(|_| tokio::task::spawn_local(connection(port, end))).collect();
        let mut answered = 0;
        for connection in connections {
            answered += connection.await.expect("no panic").expect("a connection");
        }
        (answered, began.elapsed())
    })
}

async fn connection(port: u16, end: Instant) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 4096];
    // All answers have the length of the first.
    stream.write_all(REQUEST).await?;
    let length = stream.read(&mut buffer).await?;
    assert!(buffer[..length].ends_with(crate::HELLO.as_bytes()), "a whole answer");
    let mut answered = 1;
    while Instant::now() < end {
        stream.write_all(REQUEST).await?;
        stream.read_exact(&mut buffer[..length]).await?;
        answered += 1;
    }
    Ok(answered)
}
