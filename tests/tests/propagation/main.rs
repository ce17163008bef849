//! Traces across processes: what is read from headers, what is passed on, and what is refused.

mod baggage;
mod formats;
mod hostile;
mod others;
mod segments;
mod w3c;

use traced::propagation::{Headers, Propagators};
use traced::test::capture;
use traced::traced;

/// What a service sends on after it received these headers: it runs one function, and makes a request there.
#[derive(Debug)]
struct Sent {
    headers: Vec<(String, String)>,
    /// The id of the function's span.
    span: String,
}

impl Sent {
    fn get(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(key, _)| key == name);
        let found = all.next().map(|(_, value)| value.as_str());
        assert!(all.next().is_none(), "{name} is sent once");
        found
    }
}

#[traced]
fn handler(propagators: &Propagators) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    propagators.inject(&traced::current(), &mut headers);
    headers
}

fn through_service(formats: &str, received: &(impl Headers + ?Sized)) -> Sent {
    let propagators: Propagators = formats.parse().unwrap();
    let mut headers = Vec::new();
    let spans = capture(|| {
        let caller = propagators.extract(received);
        headers = caller.in_scope(|| handler(&propagators));
    });
    // A caller that did not sample is followed: then nothing is captured.
    let span = spans.first().map_or(String::new(), |span| span.span_id.to_string());
    Sent { headers, span }
}
