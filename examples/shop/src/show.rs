//! The most interesting traces of the whole system, and what can be said about all of them.

use crate::customers::{Answers, CARDS, EMAIL};
use crate::system::Told;
use std::collections::BTreeSet;
use std::fmt::Write;
use traced::TraceId;
use traced::console::{Style, render};
use traced::data::{Attribute, Span};

/// Everything that is said at the end.
pub(crate) fn all(answers: &Answers, told: Vec<Told>) -> String {
    let mut text = String::new();
    let sums = sums(answers, &told);
    if crate::goes_to_collector() {
        return sums;
    }
    let mut spans: Vec<Span> = told.into_iter().flat_map(named_by_service).collect();
    let found = betrayed(&spans);
    let traces: BTreeSet<TraceId> = spans.iter().map(|span| span.trace_id).collect();
    spans.iter_mut().for_each(leave_out_what_is_obvious);
    for (title, trace) in interesting(&spans) {
        let of_trace = spans.iter().filter(|span| span.trace_id == trace);
        let drawn = render(&of_trace.cloned().collect::<Vec<_>>(), &Style::detect());
        writeln!(text, "── {title}\n\n{drawn}").ok();
    }
    text += &sums;
    writeln!(text, "{} spans in {} traces.", spans.len(), traces.len()).ok();
    writeln!(text, "Card numbers and e-mail addresses found in them: {found}.").ok();
    text
}

/// What was answered, and what became of the spans.
fn sums(answers: &Answers, told: &[Told]) -> String {
    let requests: usize = answers.values().sum();
    let answers: Vec<String> =
        answers.iter().map(|(answer, count)| format!("{count} {answer}")).collect();
    let mut text = format!("{requests} requests: {}.\n", answers.join(", "));
    let of_each = told.iter().map(|told| format!("{} {}", told.service, told.exported));
    let of_each = of_each.collect::<Vec<_>>().join(", ");
    let dropped: Vec<String> = told
        .iter()
        .flat_map(|told| &told.dropped)
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    let dropped = if dropped.is_empty() { "none".to_owned() } else { dropped.join(", ") };
    writeln!(text, "Spans sent: {of_each}; dropped: {dropped}.").ok();
    text
}

/// Where a request enters a service, its span says which one.
fn named_by_service(told: Told) -> Vec<Span> {
    let mut spans = told.spans;
    for span in spans.iter_mut().filter(|span| span.is_local_root()) {
        span.name = format!("{}: {}", told.service, span.name).into();
    }
    spans
}

/// Whether a span is of a certain kind.
type Question<'q> = &'q dyn Fn(&Span) -> bool;

/// One trace of each kind.
fn interesting(spans: &[Span]) -> Vec<(&'static str, TraceId)> {
    let fails_by = |span: &Span, error: &str| match span.attribute("error.type") {
        Some(Attribute::Text(text)) => text.contains(error),
        _ => false,
    };
    let is_slow = |span: &Span| span.attribute("traced.slow").is_some();
    let slow: BTreeSet<TraceId> =
        spans.iter().filter(|span| is_slow(span)).map(|span| span.trace_id).collect();
    let is_import = |span: &Span| match span.attribute("db.query.text") {
        Some(Attribute::Text(sql)) => sql.contains("lower("),
        _ => false,
    };
    // On a machine that has much else to do, any of them may be slow.
    let is_shipped = |span: &Span| span.name == "notify";
    let is_all_slow =
        spans.iter().filter(|span| is_shipped(span)).all(|span| slow.contains(&span.trace_id));
    let kinds: [(&'static str, Question<'_>); 5] = [
        ("an order, and what is done in the background after the answer", &|span| {
            is_shipped(span) && (is_all_slow || !slow.contains(&span.trace_id))
        }),
        ("a query over its threshold: no index knows imports", &|span| {
            is_slow(span) && is_import(span)
        }),
        ("sold out, which is no failure", &|span| fails_by(span, "OutOfStock")),
        ("a card that is declined", &|span| fails_by(span, "Declined")),
        ("the books, which refer to the orders in them", &|span| span.name.ends_with("book")),
    ];
    let found = kinds.into_iter().filter_map(|(title, is_it)| {
        spans.iter().find(|span| is_it(span)).map(|span| (title, span.trace_id))
    });
    found.collect()
}

/// How many of the customers' secrets are anywhere in the spans.
fn betrayed(spans: &[Span]) -> usize {
    let all = format!("{spans:?}");
    CARDS.iter().chain([&EMAIL]).map(|secret| all.matches(secret).count()).sum()
}

/// What a name or a neighbour says already, and addresses: a collector gets them. Long names are cut short.
fn leave_out_what_is_obvious(span: &mut Span) {
    let is_obvious = |key: &str| {
        [
            "http.request.method",
            "http.route",
            "url.",
            "server.",
            "network.",
            "user_agent.",
            "error.fields",
        ]
        .iter()
        .any(|known| key.starts_with(known))
    };
    span.attributes.retain(|(key, _)| !is_obvious(key));
    for (key, value) in &mut span.attributes {
        if key == "http.response.status_code" {
            *key = "status".into();
        }
        if let ("error.type", Attribute::Text(path)) = (&**key, value) {
            *path = path.trim_start_matches("shop::domain::").to_owned();
        }
    }
}
