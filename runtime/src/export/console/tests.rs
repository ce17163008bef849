//! Pictures of hand-made traces, as a reader sees them.

use super::{Style, render};
use crate::export::span::{Attribute, Event, Link, Span, Status};
use crate::id::{SpanId, TraceId};

const TRACE: TraceId = TraceId::from_u128(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
const START_UNIX_NS: u64 = 1_700_000_000_000_000_000;
const MICROSECOND: u64 = 1_000;

/// A span by its id and its parent's; times are microseconds since the trace began.
fn span(id: u64, parent: u64, name: &'static str, start: u64, end: u64) -> Span {
    Span {
        parent_id: SpanId::from_u64(parent),
        start_unix_ns: START_UNIX_NS + start * MICROSECOND,
        end_unix_ns: START_UNIX_NS + end * MICROSECOND,
        ..Span::new(name, TRACE, SpanId::from_u64(id))
    }
}

impl Span {
    fn with(mut self, key: &'static str, value: impl Into<Attribute>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    fn failed(mut self, error_type: &str, description: &'static str) -> Self {
        self.status = Status::Error(description.into());
        self.with("error.type", error_type)
    }

    fn event(mut self, name: &'static str, at: u64, checks: i64) -> Self {
        let unix_ns = START_UNIX_NS + at * MICROSECOND;
        let attributes = vec![("checks".into(), checks.into())];
        self.events.push(Event { attributes, ..Event::new(name, unix_ns) });
        self
    }
}

/// A bit of everything, in the order of the ends, as a recorder may hand it over.
fn checkout() -> Vec<Span> {
    vec![
        span(3, 2, "Db::fetch", 2_000, 20_000).with("db.query.text", "SELECT * FROM accounts"),
        span(2, 1, "load_account", 1_000, 21_460).with("order", 7).with("traced.slow", true),
        span(4, 1, "charge", 22_000, 102_200)
            .with("cents", 1_999)
            .failed("PayError::Declined", "card declined by visa")
            .event("validated", 25_000, 3),
        span(5, 1, "reserve", 103_000, 122_900)
            .with("traced.count", 40)
            .with("traced.sum_ns", 18_000_000)
            .with("traced.min_ns", 200_000)
            .with("traced.max_ns", 3_100_000),
        span(1, 0, "checkout", 0, 128_000).with("order", 7).with("currency", "eur"),
    ]
}

fn plain(spans: &[Span], width: usize) -> String {
    render(spans, &Style { color: false, width })
}

#[track_caller]
fn assert_picture(picture: &str, expected: &str) {
    assert!(picture == expected, "drawn:\n{picture}\nexpected:\n{expected}");
}

#[test]
fn a_wide_terminal_shows_the_tree_with_times_bars_and_attributes() {
    assert_picture(
        &plain(&checkout(), 100),
        "\
checkout · 128ms · 44 spans · 4bf92f3577b34da6a3ce929d0e0e4736
checkout order=7 currency=eur                                     128ms  ███████████████████████████
├ load_account slow order=7                                      20.4ms  ████▌
│ └ Db::fetch db.query.text=\"SELECT * FROM accounts\"             18.0ms  ████▏
├ charge ✗ PayError::Declined: card declined by visa cents=1999  80.2ms      █████████████████▌
│   · validated checks=3                                        +25.0ms       ·
└ reserve ×40 sum=18.0ms min=200µs max=3.10ms                    19.9ms                       ████▉
",
    );
}

#[test]
fn attributes_without_room_behind_the_name_stand_below_it() {
    assert_picture(
        &plain(&checkout(), 60),
        "\
checkout · 128ms · 44 spans · 4bf92f35
checkout order=7 currency=eur   128ms  █████████████████████
├ load_account slow order=7    20.4ms  ███▌
│ └ Db::fetch                  18.0ms  ███▎
│     db.query.text=\"SELECT * FROM accounts\"
├ charge                       80.2ms     █████████████▊
│   ✗ PayError::Declined: card declined by visa cents=1999
│   · validated checks=3      +25.0ms      ·
└ reserve ×40                  19.9ms                  ████▏
    sum=18.0ms min=200µs max=3.10ms
",
    );
}

#[test]
fn a_narrow_terminal_goes_without_bars() {
    assert_picture(
        &plain(&checkout(), 40),
        "\
checkout · 128ms · 44 spans · 4bf92f35
checkout order=7 currency=eur   128ms
├ load_account slow order=7    20.4ms
│ └ Db::fetch                  18.0ms
│     db.query.text=\"SELECT * FROM acco…
├ charge                       80.2ms
│   ✗ PayError::Declined: card declined…
│   · validated checks=3      +25.0ms
└ reserve ×40                  19.9ms
    sum=18.0ms min=200µs max=3.10ms
",
    );
}

#[test]
fn what_the_name_of_a_request_says_is_not_said_again() {
    let named = span(1, 0, "GET /orders/{id}", 0, 128_000)
        .with("http.request.method", "GET")
        .with("http.route", "/orders/{id}")
        .with("http.response.status_code", 201);
    let shown = plain(&[named], 100);
    assert!(shown.contains("GET /orders/{id} http.response.status_code=201 "), "{shown}");
    // A method that is not in the name, because nobody knows it.
    let other = span(1, 0, "HTTP", 0, 128_000).with("http.request.method", "_OTHER");
    assert!(plain(&[other], 100).contains("HTTP http.request.method=_OTHER "));
}

#[test]
fn color_marks_errors_red_slow_yellow_and_attributes_dim() {
    let spans = [
        span(1, 0, "root", 0, 1_000).with("n", 1),
        span(2, 1, "bad", 0, 500).failed("E", ""),
        span(3, 1, "late", 500, 1_000).with("traced.slow", true).event("seen", 750, 1),
    ];
    assert_picture(
        &render(&spans, &Style { color: true, width: 60 }),
        "\
\x1b[1mroot\x1b[0m · 1.00ms · 3 spans · \x1b[2m4bf92f3577b34da6a3ce929d0e0e4736\x1b[0m
root\x1b[2m n=1\x1b[0m             1.00ms  \x1b[36m███████████████████████████████\x1b[0m
\x1b[2m├ \x1b[0m\x1b[31mbad ✗ E\x1b[0m             500µs  \x1b[31m███████████████▌\x1b[0m
\x1b[2m└ \x1b[0m\x1b[33mlate slow\x1b[0m           500µs  \x1b[33m               ████████████████\x1b[0m
\x1b[2m    · \x1b[0mseen\x1b[2m checks=1  +750µs\x1b[0m  \x1b[2m                       ·\x1b[0m
",
    );
}

#[test]
fn color_adds_escapes_and_changes_nothing_else() {
    let mut colored = render(&checkout(), &Style { color: true, width: 100 });
    for code in ["0", "1", "2", "31", "33", "36"] {
        colored = colored.replace(&format!("\x1b[{code}m"), "");
    }
    assert_picture(&colored, &plain(&checkout(), 100));
}

#[test]
fn orphans_are_further_roots() {
    let spans = [
        span(1, 0, "root", 0, 100),
        span(2, 1, "child", 10, 20),
        span(4, 3, "child of an orphan's lost parent", 50, 60),
        span(5, 4, "its child", 50, 60),
    ];
    assert_picture(
        &plain(&spans, 80),
        "\
root · 100µs · 4 spans · 4bf92f3577b34da6a3ce929d0e0e4736
root                               100µs  ██████████████████████████████████████
└ child                           10.0µs     ████▌
child of an orphan's lost parent  10.0µs                     ███▊
└ its child                       10.0µs                     ███▊
",
    );
}

#[test]
fn siblings_stand_in_the_order_of_their_begin_under_the_right_lines() {
    let spans = [
        span(6, 1, "third", 70, 90),
        span(5, 4, "deeper", 50, 60),
        span(4, 2, "inner", 40, 60),
        span(3, 1, "second", 30, 35).event("tick", 31, 1),
        span(2, 1, "first", 10, 65).event("tock", 11, 2),
        span(1, 0, "root", 0, 100),
    ];
    assert_picture(
        &plain(&spans, 50),
        "\
root · 100µs · 6 spans · 4bf92f35
root                  100µs
├ first              55.0µs
│ │ · tock checks=2 +11.0µs
│ └ inner            20.0µs
│   └ deeper         10.0µs
├ second             5.00µs
│   · tick checks=1 +31.0µs
└ third              20.0µs
",
    );
}

#[test]
fn traces_stand_in_the_order_of_their_begin_with_a_line_between() {
    let mut later = span(1, 0, "later", 50, 60);
    later.trace_id = TraceId::from_u128(7);
    assert_picture(
        &plain(&[later, span(1, 0, "earlier", 0, 10)], 80),
        "\
earlier · 10.0µs · 1 span · 4bf92f3577b34da6a3ce929d0e0e4736
earlier  10.0µs  ████████████████████████████████████████

later · 10.0µs · 1 span · 00000000000000000000000000000007
later  10.0µs  ████████████████████████████████████████
",
    );
}

#[test]
fn links_and_losses_are_mentioned() {
    let mut linked = span(1, 0, "consume", 0, 10).with("empty", "").with("ratio", 0.5);
    linked.links.push(Link::new(TRACE, SpanId::from_u64(9)));
    linked.dropped_attributes = 3;
    linked.attributes.push(("ids".into(), Attribute::I64s(vec![1, 2])));
    linked.attributes.push(("tags".into(), Attribute::Texts(vec!["a b".into(), "c".into()])));
    assert_picture(
        &plain(&[linked], 120),
        "\
consume · 10.0µs · 1 span · 4bf92f3577b34da6a3ce929d0e0e4736
consume empty=\"\" ratio=0.5 ids=[1, 2] tags=[\"a b\", c] links=1 +3 dropped  10.0µs  ██████████████████████████████████████
",
    );
}

#[test]
fn hostile_text_can_neither_steer_the_terminal_nor_pose_as_another_attribute() {
    let hostile = "\x1b[2J\x1b[31mowned\r\n\x07\u{9b}1A\u{202e}";
    let mut spans = vec![
        span(1, 0, "root", 0, 10).with("text", hostile).failed(hostile, "\x1b]0;title\x07"),
        span(2, 1, "forger", 0, 10).with("a", "1 admin=true").with("b", "\"x\\"),
    ];
    spans[1].name = format!("name{hostile}").into();
    for width in [20, 59, 60, 100, 500] {
        let picture = plain(&spans, width);
        assert!(picture.chars().all(|c| c == '\n' || !c.is_control()), "{picture:?}");
        assert!(!picture.contains('\u{202e}'), "{picture:?}");
    }
    let wide = plain(&spans, 500);
    assert!(
        wide.contains(r#" text="\u{1b}[2J\u{1b}[31mowned\r\n\u{7}\u{9b}1A\u{202e}""#),
        "{wide}"
    );
    assert!(wide.contains(r#" a="1 admin=true" b="\"x\\""#), "{wide}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 20..160 {
        for line in plain(&checkout(), width).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn deep_trees_keep_room_for_names() {
    let spans: Vec<_> = (1..=2_000).map(|id| span(id, id - 1, "descend", id, 5_000)).collect();
    let picture = plain(&spans, 80);
    assert_eq!(picture.lines().count(), 2_001);
    assert!(picture.lines().all(|line| line.contains("descend")));
    assert!(picture.lines().last().unwrap().starts_with("⋯ "));
}

#[test]
fn circles_twins_and_nameless_spans_are_each_shown_once() {
    let mut nameless = span(0, 0, "nameless", 40, 50);
    nameless.span_id = SpanId::INVALID;
    let spans = [
        span(1, 2, "head of a circle", 0, 10),
        span(2, 1, "tail of a circle", 5, 10),
        span(3, 3, "its own parent", 20, 30),
        span(4, 0, "twin", 30, 35),
        span(4, 0, "other twin", 31, 35),
        nameless,
    ];
    let picture = plain(&spans, 80);
    assert_eq!(picture.lines().count(), 1 + spans.len(), "{picture}");
}

#[test]
fn nothing_draws_nothing() {
    assert_eq!(plain(&[], 80), "");
}
