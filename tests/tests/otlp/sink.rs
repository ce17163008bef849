//! A collector that does what a script says.

use crate::compare;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

/// What it does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// This status, these header lines, this body.
    Answer(u16, &'static str, Vec<u8>),
    /// Nothing, with the connection open.
    Hang,
    /// The connection is closed without an answer.
    Close,
    /// More is promised than comes.
    Half(u16),
}

pub(crate) const OK: Reply = Reply::Answer(200, "", Vec::new());

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Decompressed, if it was compressed.
    pub(crate) body: Vec<u8>,
    /// Its length as it came.
    pub(crate) length: usize,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn spans(&self) -> usize {
        compare::decode(&self.body).len()
    }
}

/// A collector that does what a script says, and after that takes everything.
#[derive(Clone)]
pub(crate) struct Sink {
    address: SocketAddr,
    shared: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    requests: Vec<Request>,
    /// Connections that hang.
    open: Vec<TcpStream>,
}

impl Sink {
    pub(crate) fn new(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::at(TcpListener::bind("127.0.0.1:0").expect("a free port"), script)
    }

    /// One that somebody else has found a port for.
    pub(crate) fn at(listener: TcpListener, script: impl IntoIterator<Item = Reply>) -> Self {
        let state = State { script: script.into_iter().collect(), ..State::default() };
        let sink = Self {
            address: listener.local_addr().expect("an address"),
            shared: Arc::new((Mutex::new(state), Condvar::new())),
        };
        let serving = sink.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let serving = serving.clone();
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        sink
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/v1/traces", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().expect("a test that has not failed")
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Waits until so many requests have come.
    pub(crate) fn wait_for(&self, requests: usize) -> Vec<Request> {
        let enough = |state: &mut State| state.requests.len() < requests;
        let state = self.shared.1.wait_while(self.state(), enough).expect("a test");
        state.requests.clone()
    }

    /// Closes the connections that hang.
    pub(crate) fn let_go(&self) {
        for stream in self.state().open.drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
        while let Some(request) = read(&mut reader) {
            let mut state = self.state();
            let reply = state.script.pop_front().unwrap_or(OK);
            state.requests.push(request);
            if matches!(reply, Reply::Hang) {
                state.open.push(stream.try_clone().expect("a stream"));
            }
            drop(state);
            self.shared.1.notify_all();
            if !answer(stream, &reply) {
                return;
            }
        }
    }
}

/// Whether the connection goes on.
fn answer(mut stream: &TcpStream, reply: &Reply) -> bool {
    let head = match reply {
        Reply::Answer(status, headers, body) => {
            format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len())
        }
        Reply::Half(status) => format!("HTTP/1.1 {status} X\r\ncontent-length: 1000\r\n\r\nhalf"),
        Reply::Hang => return true,
        Reply::Close => String::new(),
    };
    let body = if let Reply::Answer(_, _, body) = reply { &body[..] } else { &[] };
    let written = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let goes_on = written.is_ok() && matches!(reply, Reply::Answer(..));
    if !goes_on {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
    goes_on
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut request =
        Request { line: line.trim_end().into(), headers, body: Vec::new(), length: 0 };
    request.length = request.header("content-length")?.parse().ok()?;
    let mut body = vec![0; request.length];
    reader.read_exact(&mut body).ok()?;
    if request.header("content-encoding") == Some("gzip") {
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut request.body).ok()?;
    } else {
        request.body = body;
    }
    Some(request)
}
