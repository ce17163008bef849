//! What is added to a log line: which span it was written in, and what that is about.

use std::fmt::Write;
use traced::__integration::told;
use traced::data::Attribute;

/// How to say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) fields: Vec<String>,
    pub(crate) is_datadog: bool,
}

impl Facts {
    /// Calls with each key and its value, as JSON; nothing outside of any trace.
    pub(crate) fn each(&self, mut say: impl FnMut(&str, &str)) {
        let here = traced::current();
        if here.is_none() {
            return;
        }
        let (trace, span) = (here.trace_id(), here.span_id());
        if self.is_datadog {
            // Decimal, and of the trace the lower half.
            #[allow(clippy::cast_possible_truncation, reason = "the lower half")]
            let trace = trace.to_u128() as u64;
            say("dd.trace_id", &format!("\"{trace}\""));
            say("dd.span_id", &format!("\"{}\"", span.to_u64()));
        } else {
            say("trace_id", &format!("\"{trace}\""));
            say("span_id", &format!("\"{span}\""));
        }
        for (key, value) in told(&self.fields) {
            say(&key, &json(&value));
        }
    }

    /// As text behind a line: ` trace_id=… span_id=… user_id=7`.
    pub(crate) fn as_text(&self) -> String {
        let mut text = String::new();
        self.each(|key, value| {
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            let bare =
                bare.filter(|value| !value.contains([' ', '"', '\\', '=']) && !value.is_empty());
            write!(text, " {key}={}", bare.unwrap_or(value)).ok();
        });
        text
    }

    /// As further members of an object of JSON: `,"trace_id":"…"`.
    pub(crate) fn as_members(&self) -> String {
        let mut text = String::new();
        self.each(|key, value| {
            write!(text, ",{}:{value}", quoted(key)).ok();
        });
        text
    }
}

fn json(value: &Attribute) -> String {
    fn list<T>(all: &[T], one: impl Fn(&T) -> String) -> String {
        format!("[{}]", all.iter().map(one).collect::<Vec<_>>().join(","))
    }
    let float = |number: &f64| {
        if number.is_finite() { format!("{number:?}") } else { format!("\"{number}\"") }
    };
    match value {
        Attribute::I64(number) => number.to_string(),
        Attribute::F64(number) => float(number),
        Attribute::Bool(truth) => truth.to_string(),
        Attribute::Text(text) => quoted(text),
        Attribute::I64s(all) => list(all, i64::to_string),
        Attribute::F64s(all) => list(all, float),
        Attribute::Bools(all) => list(all, bool::to_string),
        Attribute::Texts(all) => list(all, |text| quoted(text)),
        _ => "null".to_owned(),
    }
}

/// Text as JSON has it, without anything that could end a line or steer a terminal.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    write!(quoted, "\\u{unit:04x}").ok();
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
