//! Bodies to a collector that may be slow, busy, wrong or gone.
//!
//! A body is tried a few times, with pauses that grow, as long as its time lasts. When one could not be
//! delivered at all, the sender becomes dormant: what comes then is dropped and counted instead of piling up, and
//! now and then one body is sent to see whether anybody is there again.

use super::answer::{self, Answer};
use super::client::{Client, Error, MAX_BODY};
use super::settings::{Retry, Settings};
use crate::deadline;
use crate::id;
use crate::pipeline::outcome;
use crate::pipeline::patience::Patience;
use crate::report::{Importance, say};
use std::time::{Duration, Instant};

/// What became of spans.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Settled {
    pub(crate) exported: u64,
    pub(crate) failed: u64,
}

impl Settled {
    pub(super) fn add(&mut self, other: Self) {
        self.exported += other.exported;
        self.failed += other.failed;
    }
}

#[derive(Debug)]
pub(super) struct Sender {
    client: Client,
    retry: Retry,
    timeout: Duration,
    state: State,
    /// The last thing that was said about a collector that answers, but not as it should.
    told: String,
    compressed: Vec<u8>,
}

#[derive(Debug)]
enum State {
    /// So many bodies in a row were refused.
    Awake { refused: u32 },
    /// Nothing is sent before then, and how many spans were dropped so far.
    Dormant { until: Instant, dropped: u64 },
}

/// After so many bodies that were refused for ever, one after the other, the next will be too.
const MAX_REFUSED: u32 = 5;
/// However long a collector asks to be left alone, it is asked again by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(600);

impl Sender {
    pub(super) fn new(settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            client: Client::new(settings)?,
            retry: settings.retry.clone(),
            timeout: settings.timeout,
            state: State::Awake { refused: 0 },
            told: String::new(),
            compressed: Vec::new(),
        })
    }

    /// Whether nothing is to be sent now.
    pub(super) fn is_dormant(&self) -> bool {
        self.dormant_until().is_some_and(|until| Instant::now() < until)
    }

    /// Until when nothing is to be sent, if it is so.
    pub(super) fn dormant_until(&self) -> Option<Instant> {
        match self.state {
            State::Dormant { until, .. } => Some(until),
            State::Awake { .. } => None,
        }
    }

    /// Spans that are not even encoded, because nobody is there.
    pub(super) fn drop_spans(&mut self, spans: u64) {
        if let State::Dormant { dropped, .. } = &mut self.state {
            *dropped += spans;
        }
    }

    /// Delivers a body of so many spans, or gives up.
    pub(super) fn send(&mut self, body: &[u8], spans: u64, patience: &Patience) -> Settled {
        let mut room = std::mem::take(&mut self.compressed);
        let answer = if body.len() > MAX_BODY {
            Answer::Refused { why: format!("a body of {} bytes is too long", body.len()) }
        } else {
            let prepared = self.client.prepare(body, &mut room);
            self.try_all(prepared, patience)
        };
        self.compressed = room;
        outcome::note(self.told_of(&answer, spans));
        match answer {
            Answer::Taken { rejected, message } => {
                self.wake();
                if let Some(what) = answer::said_of_taken(rejected, &message) {
                    self.tell(&what);
                }
                let failed = rejected.min(spans);
                Settled { exported: spans - failed, failed }
            }
            Answer::Later { after, why, .. } => {
                self.sleep(after, &why, spans);
                Settled { exported: 0, failed: spans }
            }
            Answer::Refused { why } => {
                self.refused(&why, spans);
                Settled { exported: 0, failed: spans }
            }
        }
    }

    fn told_of(&self, answer: &Answer, spans: u64) -> Result<u64, String> {
        match answer {
            Answer::Taken { rejected, .. } => Ok(spans.saturating_sub(*rejected)),
            Answer::Later { why, .. } | Answer::Refused { why } => {
                Err(format!("{}: {why}", self.client.address()))
            }
        }
    }

    fn try_all(&self, body: &[u8], patience: &Patience) -> Answer {
        let deadline = deadline::within(self.timeout);
        // Whoever is dormant asks once.
        let tries = if matches!(self.state, State::Dormant { .. }) { 0 } else { self.retry.times };
        let mut pause = self.retry.pause;
        let mut tried = 0;
        loop {
            let left = patience.left(deadline);
            let answer = self.client.post(body, left);
            let Answer::Later { after, nobody, .. } = &answer else { return answer };
            if *nobody && patience.is_short() {
                // Where nobody is, nobody will come while the process ends.
                return answer;
            }
            let wait = after.unwrap_or_else(|| about(pause));
            if tried == tries || wait >= patience.left(deadline) {
                return answer;
            }
            patience.pause(wait);
            tried += 1;
            pause = pause.saturating_add(pause / 2).min(self.retry.longest_pause);
        }
    }

    fn wake(&mut self) {
        if let State::Dormant { dropped, .. } = self.state {
            let address = self.client.address();
            say(
                Importance::Info,
                format_args!("{address} takes spans again; {dropped} were dropped meanwhile"),
            );
        }
        self.state = State::Awake { refused: 0 };
    }

    fn sleep(&mut self, after: Option<Duration>, why: &str, spans: u64) {
        let pause = after.unwrap_or(self.retry.probe).max(self.retry.probe).min(LONGEST_SLEEP);
        let before = match self.state {
            State::Dormant { dropped, .. } => dropped,
            State::Awake { .. } => {
                let (address, cure) = (self.client.address(), self.client.cure());
                say(
                    Importance::Error,
                    format_args!(
                        "spans cannot be sent to {address}, and are dropped until it answers: {why}{cure}"
                    ),
                );
                0
            }
        };
        self.state = State::Dormant { until: Instant::now() + pause, dropped: before + spans };
    }

    fn refused(&mut self, why: &str, spans: u64) {
        match &mut self.state {
            State::Awake { refused } if *refused + 1 < MAX_REFUSED => {
                *refused += 1;
                self.tell(&format!("refused spans: {why}"));
            }
            _ => self.sleep(None, why, spans),
        }
    }

    /// Says the same thing once.
    fn tell(&mut self, what: &str) {
        if self.told != what {
            let (address, cure) = (self.client.address(), self.client.cure());
            say(Importance::Error, format_args!("{address} {what}{cure}"));
            what.clone_into(&mut self.told);
        }
    }
}

/// A quarter more or less, so that many processes do not come back together.
fn about(pause: Duration) -> Duration {
    let share = u32::try_from(id::random() % 512).unwrap_or(0) + 768;
    pause.min(deadline::NEVER) * share / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;
    use std::net::TcpListener;

    #[test]
    fn a_body_that_is_too_long_is_sent_to_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let settings = Settings::new(format!("http://{}/", listener.local_addr().unwrap()));
        let mut sender = Sender::new(&settings).unwrap();
        let settled = sender.send(&vec![0; MAX_BODY + 1], 7, &Patience::default());
        assert_eq!((settled.exported, settled.failed), (0, 7));
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(!sender.is_dormant(), "the next one is tried");
    }
}
