//! Requests as fast as they are answered, on a few connections, at little cost of its own.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 32;
const REQUEST: &[u8] = b"GET /hello/world HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// Puts load on a server for a while; how many requests were answered, and in what time.
pub(crate) fn on(port: u16, duration: Duration) -> (u64, Duration) {
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
