//! Log lines say in which span they were written.

#![allow(missing_docs)]

use std::io;
use std::sync::{Arc, Mutex};
use traced::test::capture;
use traced::traced;
use traced_tracing::{Bridge, Correlated};
use tracing::{Subscriber, info, info_span};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn plain(
    log: &Log,
    correlated: impl FnOnce(
        Correlated<fmt::format::Format<fmt::format::Full, ()>>,
    ) -> Correlated<fmt::format::Format<fmt::format::Full, ()>>,
) -> impl Subscriber + Send + Sync {
    let format = correlated(Correlated::new(fmt::format().without_time()));
    Registry::default()
        .with(fmt::layer().event_format(format).with_ansi(false).with_writer(log.clone()))
}

#[traced(name = "handle")]
fn handle(user_id: u64, #[public] plan: &str, email: &str) {
    assert!(!email.is_empty() && !plan.is_empty() && user_id > 0);
    info!("inside");
    traced::record!(late = true);
    within(3);
    info!("after");
}

#[traced(name = "within")]
fn within(user_id: u64) {
    assert!(user_id > 0);
    info!("deeper");
}

#[test]
fn a_line_in_a_span_has_its_ids_and_a_line_outside_has_none() {
    let log = Log::default();
    let spans = tracing::subscriber::with_default(plain(&log, |lines| lines), || {
        capture(|| {
            info!("outside");
            handle(7, "gold", "jane@example.com");
        })
    });
    let lines = log.lines();
    let ids = |name: &str| {
        let span = spans.named(name);
        format!(" trace_id={} span_id={}", span.trace_id, span.span_id)
    };
    assert!(lines[0].ends_with("outside"), "{lines:?}");
    assert!(lines[1].ends_with(&format!("inside{}", ids("handle"))), "{lines:?}");
    assert!(lines[2].ends_with(&format!("deeper{}", ids("within"))), "{lines:?}");
    assert!(lines[3].ends_with(&format!("after{}", ids("handle"))), "{lines:?}");
}

#[test]
fn chosen_attributes_are_those_that_were_recorded_and_no_others() {
    let log = Log::default();
    tracing::subscriber::with_default(
        plain(&log, |lines| lines.log_fields(["user_id", "plan", "email", "late"])),
        || capture(|| handle(7, "gold \"plus\"", "jane@example.com")),
    );
    let lines = log.lines();
    assert!(lines[0].ends_with(r#" user_id=7 plan="gold \"plus\"""#), "{lines:?}");
    // The innermost span that has recorded it.
    assert!(lines[1].ends_with(r#" user_id=3 plan="gold \"plus\"" late=true"#), "{lines:?}");
    assert!(lines[2].ends_with(r#" user_id=7 plan="gold \"plus\"" late=true"#), "{lines:?}");
    assert!(!format!("{lines:?}").contains("jane"));
}

#[test]
fn json_gets_members() {
    let log = Log::default();
    let format =
        Correlated::new(fmt::format().json().without_time()).log_fields(["user_id", "plan"]);
    let fields = fmt::format::JsonFields::new();
    let layer = fmt::layer().event_format(format).fmt_fields(fields).with_writer(log.clone());
    let spans = tracing::subscriber::with_default(Registry::default().with(layer), || {
        capture(|| handle(7, "a \"quoted\"\nline", "jane@example.com"))
    });
    let line: serde_json::Value = serde_json::from_str(&log.lines()[0]).unwrap();
    let span = spans.named("handle");
    assert_eq!(line["trace_id"], span.trace_id.to_string());
    assert_eq!(line["span_id"], span.span_id.to_string());
    assert_eq!(line["user_id"], 7);
    assert_eq!(line["plan"], "a \"quoted\"\nline");
    assert_eq!(line["fields"]["message"], "inside");
}

#[test]
fn datadog_has_its_own_form() {
    let log = Log::default();
    let spans = tracing::subscriber::with_default(plain(&log, Correlated::datadog), || {
        capture(|| handle(7, "gold", "jane@example.com"))
    });
    let span = spans.named("handle");
    let lower = span.trace_id.to_u128() & u128::from(u64::MAX);
    let ids = format!(" dd.trace_id={lower} dd.span_id={}", span.span_id.to_u64());
    assert!(log.lines()[0].ends_with(&ids), "{:?}", log.lines());
}

#[test]
fn inside_of_a_span_of_tracing_that_is_bridged_lines_name_it() {
    let log = Log::default();
    let layer = fmt::layer()
        .event_format(Correlated::new(fmt::format().without_time()).log_fields(["order"]))
        .with_ansi(false)
        .with_writer(log.clone());
    let subscriber = Registry::default().with(layer).with(Bridge::new());
    let spans = tracing::subscriber::with_default(subscriber, || {
        capture(|| info_span!("theirs", order = 17).in_scope(|| info!("inside")))
    });
    let ids = format!("span_id={} order=17", spans.named("theirs").span_id);
    assert!(log.lines()[0].ends_with(&ids), "{:?}", log.lines());
}

#[test]
fn what_was_recorded_in_a_long_trace_is_found() {
    let log = Log::default();
    tracing::subscriber::with_default(plain(&log, |lines| lines.log_fields(["user_id"])), || {
        capture(|| {
            traced::span!("root", user_id = 11).in_scope(|| {
                for n in 0..20_000_u64 {
                    traced::span!("leaf", n).in_scope(|| {});
                }
                info!("at the end");
            });
        })
    });
    assert!(log.lines()[0].contains("trace_id="), "{:?}", log.lines());
    assert!(log.lines()[0].ends_with(" user_id=11"), "{:?}", log.lines());
}
