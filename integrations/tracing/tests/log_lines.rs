//! The same for the crate `log`. In a process of its own, because a logger is set once.

#![allow(missing_docs)]

use log::{LevelFilter, Log, Metadata, Record, info};
use std::sync::Mutex;
use traced::test::capture;
use traced::traced;
use traced_tracing::CorrelatedLog;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Lines;

impl Log for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() != "noise"
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let place = record.line().unwrap_or(0) > 0 && record.module_path().is_some();
            let kept = record.key_values().get("plan".into()).is_some();
            LINES.lock().unwrap().push(format!(
                "{} {} {place} {kept}: {}",
                record.level(),
                record.target(),
                record.args()
            ));
        }
    }

    fn flush(&self) {}
}

#[traced(name = "handle")]
fn handle(user_id: u64) {
    info!(plan = "gold"; "hello {}", user_id + 1);
    info!(target: "noise", "hush");
}

#[test]
fn a_message_in_a_span_has_its_ids() {
    log::set_boxed_logger(Box::new(CorrelatedLog::new(Lines).log_fields(["user_id"]))).unwrap();
    log::set_max_level(LevelFilter::Info);
    let spans = capture(|| {
        info!("outside");
        handle(7);
    });
    let span = spans.named("handle");
    let lines = LINES.lock().unwrap();
    assert_eq!(lines[0], "INFO log_lines true false: outside");
    assert_eq!(
        lines[1],
        format!(
            "INFO log_lines true true: hello 8 trace_id={} span_id={} user_id=7",
            span.trace_id, span.span_id
        )
    );
    assert_eq!(lines.len(), 2);
}
