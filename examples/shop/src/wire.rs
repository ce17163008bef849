//! What a service says on its standard output: one line of JSON for each span, so that the traces of all
//! services can be drawn together. It is also what an exporter of one's own looks like.

use serde::{Deserialize, Serialize};
use std::error::Error;
use std::io::Write;
use std::net::SocketAddr;
use traced::data::{Attribute, Event, Span, Status};
use traced::{Export, SpanId, TraceId};

#[derive(Serialize, Deserialize)]
pub(crate) enum Line {
    Listening { address: SocketAddr },
    Span(Sent),
    Ended { exported: u64, dropped: Vec<(String, u64)> },
}

pub(crate) fn say(line: &Line) {
    if let Ok(mut text) = serde_json::to_string(line) {
        text.push('\n');
        // Nobody listens any more: then there is nobody to tell.
        std::io::stdout().lock().write_all(text.as_bytes()).ok();
    }
}

/// Sends spans to whoever started the process.
#[derive(Debug)]
pub(crate) struct Wire;

impl Export for Wire {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        for span in spans {
            say(&Line::Span(Sent::of(span)));
        }
        Ok(())
    }
}

/// What of a span is drawn.
#[derive(Serialize, Deserialize)]
pub(crate) struct Sent {
    name: String,
    trace: u128,
    id: u64,
    parent: u64,
    is_remote: bool,
    times: (u64, u64),
    attributes: Values,
    events: Vec<(String, u64, Values)>,
    /// Trace and span.
    links: Vec<(u128, u64)>,
    error: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum Value {
    Int(i64),
    Float(f64),
    Bool(bool),
    Text(String),
}

impl Sent {
    fn of(span: &Span) -> Self {
        let events = span.events.iter();
        Self {
            name: span.name.to_string(),
            trace: span.trace_id.to_u128(),
            id: span.span_id.to_u64(),
            parent: span.parent_id.to_u64(),
            is_remote: span.parent_is_remote,
            times: (span.start_unix_ns, span.end_unix_ns),
            attributes: attributes(&span.attributes),
            events: events
                .map(|event| (event.name.to_string(), event.unix_ns, attributes(&event.attributes)))
                .collect(),
            links: span
                .links
                .iter()
                .map(|to| (to.trace_id.to_u128(), to.span_id.to_u64()))
                .collect(),
            error: match &span.status {
                Status::Error(description) => Some(description.to_string()),
                Status::Unset | Status::Ok => None,
            },
        }
    }

    pub(crate) fn into_span(self) -> Span {
        let ids = (TraceId::from_u128(self.trace), SpanId::from_u64(self.id));
        let mut span = Span::new(self.name, ids.0, ids.1);
        span.parent_id = SpanId::from_u64(self.parent);
        span.parent_is_remote = self.is_remote;
        (span.start_unix_ns, span.end_unix_ns) = self.times;
        span.attributes = values(self.attributes);
        for (name, unix_ns, attributes) in self.events {
            let mut event = Event::new(name, unix_ns);
            event.attributes = values(attributes);
            span.events.push(event);
        }
        let link = |(trace, span)| {
            traced::data::Link::new(TraceId::from_u128(trace), SpanId::from_u64(span))
        };
        span.links = self.links.into_iter().map(link).collect();
        if let Some(description) = self.error {
            span.status = Status::Error(description.into());
        }
        span
    }
}

type Values = Vec<(String, Value)>;
type Attributes = Vec<(std::borrow::Cow<'static, str>, Attribute)>;

fn attributes(all: &Attributes) -> Values {
    all.iter().map(|(key, value)| (key.to_string(), Value::of(value))).collect()
}

fn values(all: Values) -> Attributes {
    all.into_iter().map(|(key, value)| (key.into(), value.into_attribute())).collect()
}

impl Value {
    fn of(value: &Attribute) -> Self {
        match value {
            Attribute::I64(number) => Self::Int(*number),
            Attribute::F64(number) => Self::Float(*number),
            Attribute::Bool(truth) => Self::Bool(*truth),
            Attribute::Text(text) => Self::Text(text.clone()),
            list => Self::Text(format!("{list:?}")),
        }
    }

    fn into_attribute(self) -> Attribute {
        match self {
            Self::Int(number) => number.into(),
            Self::Float(number) => number.into(),
            Self::Bool(truth) => truth.into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}
