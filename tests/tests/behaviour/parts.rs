//! A root that fills its segment is judged on what it has, and sends parts from then on.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use traced::__private::{
    Parent, Target, Value, arguments, enter, enter_at, event, fail, ok, record, section,
};
use traced::data::{Span, Status};
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, Spans, capture};
use traced::{Context, Dropped, SpanId, TraceId, in_current};
use traced_tests::{
    Boxed, assert_accounted, block_on, elsewhere, leaf, open, parent_of, poll_once, room, site,
    task, twig, yield_now,
};

/// Spans that cannot be folded, more than any segment holds.
const FILLS: usize = 35_000;

fn fill() {
    for _ in 0..FILLS {
        open!(_call = "call");
        // Remarkable, and no longer for it.
        ok();
    }
}

/// So many of them fit beside a root: of 131,072 words, 8 are the header's and 256 are kept free.
const FITS: usize = (131_072 - 256 - 8) / 4 - 1;

/// By name: how many there are, and what they hang on.
fn shape(spans: &Spans) -> HashMap<(String, String), usize> {
    let by_id: HashMap<_, _> = spans.iter().map(|span| (span.span_id, span)).collect();
    let mut shape = HashMap::new();
    for span in spans.iter() {
        let parent = match by_id.get(&span.parent_id) {
            Some(parent) => &*parent.name,
            None if span.parent_id.is_valid() => "nobody",
            None => "",
        };
        *shape.entry((span.name.to_string(), parent.to_owned())).or_default() += 1;
    }
    shape
}

/// Each is `(name, parent, how many)`; every span is whole.
#[track_caller]
fn assert_shape(spans: &Spans, expected: &[(&str, &str, usize)]) {
    let expected: HashMap<_, _> = expected
        .iter()
        .map(|(name, parent, count)| (((*name).to_owned(), (*parent).to_owned()), *count))
        .collect();
    assert_eq!(shape(spans), expected);
    let ids: HashSet<_> = spans.iter().map(|span| span.span_id).collect();
    assert_eq!(ids.len(), spans.len(), "ids are unique");
    assert_accounted(spans);
    assert_eq!(spans.stats().dropped_in_all(), 0);
    assert_eq!(spans.iter().find(|span| !is_whole(span)).map(|span| format!("{span:?}")), None);
}

fn is_whole(span: &Span) -> bool {
    let is_finished = span.attribute("traced.outcome").is_none();
    is_finished && (span.name != "call" || span.status == Status::Ok)
}

#[test]
fn nothing_is_lost_of_a_root_that_fills_its_segment() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..5 {
            fill();
        }
        leaf();
    });
    assert_shape(&spans, &[("root", "", 1), ("call", "root", 5 * FILLS), ("leaf", "root", 1)]);
}

#[test]
fn spans_that_are_open_meanwhile_keep_their_places() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        {
            open!(_outer = "outer");
            leaf();
            {
                open!(_inner = "inner");
                fill();
                leaf();
                fill();
            }
            leaf();
            fill();
        }
        leaf();
    });
    let expected = [
        ("root", "", 1),
        ("outer", "root", 1),
        ("inner", "outer", 1),
        ("call", "inner", 2 * FILLS),
        ("call", "outer", FILLS),
        ("leaf", "inner", 1),
        ("leaf", "outer", 2),
        ("leaf", "root", 1),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn what_is_said_of_a_span_after_a_part_was_sent_arrives() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        open!(_inner = "inner");
        fail("Early");
        fill();
        ok();
        record(site!("late", "late"), Target::Current, || [Value::U64(1)]);
        record(site!("late", "late"), Target::LocalRoot, || [Value::U64(2)]);
        fill();
        event(site!("happened"), || []);
        traced::link(Context::remote(TraceId::from_u128(7), SpanId::from_u64(8), true));
    });
    let (root, inner) = (spans.named("root"), spans.named("inner"));
    assert_eq!(root.attribute("late"), Some(&2.into()));
    assert_eq!(inner.attribute("late"), Some(&1.into()));
    assert_eq!(inner.attribute("error.type"), Some(&"Early".into()));
    assert_eq!((&inner.status, inner.events.len(), inner.links.len()), (&Status::Ok, 1, 1));
}

#[test]
fn a_context_from_before_a_part_was_sent_names_the_same_span_after() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let inner = enter(site!("inner"));
        let before = traced::current();
        fill();
        let after = traced::current();
        assert_eq!(before.span_id(), after.span_id());
        drop(inner);
        for context in [&before, &after] {
            context.in_scope(leaf);
            elsewhere(|| context.in_scope(twig));
        }
        fill();
        before.in_scope(leaf);
    });
    let expected = [
        ("root", "", 1),
        ("inner", "root", 1),
        ("call", "inner", FILLS),
        ("call", "root", FILLS),
        ("leaf", "inner", 3),
        ("twig", "inner", 2),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn a_root_future_that_fills_its_segment_loses_nothing() {
    let _room = room();
    let spans = capture(|| {
        block_on(task!("root", async {
            for _ in 0..3 {
                fill();
                task!("child", async {
                    fill();
                    yield_now().await;
                    fill();
                })
                .await;
                yield_now().await;
            }
            leaf();
        }));
    });
    let expected = [
        ("root", "", 1),
        ("child", "root", 3),
        ("call", "root", 3 * FILLS),
        ("call", "child", 6 * FILLS),
        ("leaf", "root", 1),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn a_future_that_ends_at_home_after_a_part_was_sent_ends() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let mut waits: Boxed = Box::pin(task!("waits", async {
            fill();
            yield_now().await;
            leaf();
        }));
        assert!(poll_once(waits.as_mut()).is_pending());
        twig();
        fill();
        block_on(waits);
        twig();
    });
    let expected = [
        ("root", "", 1),
        ("waits", "root", 1),
        ("call", "waits", FILLS),
        ("call", "root", FILLS),
        ("leaf", "waits", 1),
        ("twig", "root", 2),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn threads_that_continue_a_root_while_it_sends_parts_lose_nothing() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        std::thread::scope(|threads| {
            for _ in 0..2 {
                threads.spawn(|| {
                    for _ in 0..1000 {
                        context.in_scope(|| {
                            open!(_there = "there");
                            leaf();
                        });
                    }
                });
            }
            fill();
            fill();
        });
    });
    let expected = [
        ("root", "", 1),
        ("call", "root", 2 * FILLS),
        ("there", "root", 2000),
        ("leaf", "there", 2000),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn a_thread_that_fills_its_room_after_the_decision_loses_nothing() {
    let _room = room();
    let spans = capture(|| {
        let work = {
            open!(_root = "root");
            in_current(|| {
                open!(_there = "there");
                fill();
                fill();
                leaf();
            })
        };
        elsewhere(work);
    });
    let expected =
        [("root", "", 1), ("there", "root", 1), ("call", "there", 2 * FILLS), ("leaf", "there", 1)];
    assert_shape(&spans, &expected);
}

#[test]
fn guards_that_are_dropped_out_of_order_after_a_part_was_sent_end_their_spans() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let outer = enter(site!("outer"));
        let inner = enter(site!("inner"));
        fill();
        drop(outer);
        leaf();
        fill();
        drop(inner);
        twig();
    });
    let expected = [
        ("root", "", 1),
        ("outer", "root", 1),
        ("inner", "outer", 1),
        ("call", "inner", FILLS),
        ("call", "root", FILLS),
        ("leaf", "root", 1),
        ("twig", "root", 1),
    ];
    assert_shape(&spans, &expected);
}

#[test]
fn a_section_that_is_open_while_a_part_is_sent_stays_open() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let part = section(site!("part"), || []);
        fill();
        leaf();
        drop(part);
        twig();
    });
    let expected = [
        ("root", "", 1),
        ("part", "root", 1),
        ("call", "part", FILLS),
        ("leaf", "part", 1),
        ("twig", "root", 1),
    ];
    assert_shape(&spans, &expected);
}

/// Counts how it is asked.
#[derive(Debug)]
struct Asked {
    open: &'static AtomicUsize,
    finished: &'static AtomicUsize,
    verdict: Verdict,
}

impl Sampler for Asked {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        let count = if root.is_finished() { self.finished } else { self.open };
        count.fetch_add(1, Ordering::Relaxed);
        self.verdict
    }
}

#[test]
fn a_trace_that_was_kept_in_part_is_kept_without_asking() {
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    static FINISHED: AtomicUsize = AtomicUsize::new(0);

    let _room = room();
    let sampler = Asked { open: &OPEN, finished: &FINISHED, verdict: Verdict::Keep };
    let spans = Capturing::new().sampler(sampler).run(|| {
        open!(_root = "root");
        fill();
        fill();
    });
    assert_shape(&spans, &[("root", "", 1), ("call", "root", 2 * FILLS)]);
    let asked = [&OPEN, &FINISHED].map(|count| count.load(Ordering::Relaxed));
    assert_eq!(asked, [1, 0]);
}

/// Keeps everything, and hears what goes out beyond what it was asked about.
#[derive(Debug)]
struct Hears {
    bytes: &'static AtomicU64,
}

impl Sampler for Hears {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        Verdict::Keep
    }

    fn sent_more(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[test]
fn the_sampler_hears_of_further_parts_of_what_it_kept() {
    static BYTES: AtomicU64 = AtomicU64::new(0);

    let _room = room();
    let _spans = Capturing::new().sampler(Hears { bytes: &BYTES }).run(|| {
        open!(_root = "root");
        fill();
        fill();
    });
    assert!(BYTES.load(Ordering::Relaxed) > 4 * FILLS as u64);
}

#[test]
fn the_sampler_hears_of_tasks_that_outlive_what_it_kept() {
    static BYTES: AtomicU64 = AtomicU64::new(0);
    let spans = Capturing::new().sampler(Hears { bytes: &BYTES }).run(|| {
        let late = {
            open!(_root = "root");
            in_current(leaf)
        };
        assert_eq!(BYTES.load(Ordering::Relaxed), 0, "the root itself was asked about");
        elsewhere(late);
    });
    assert_shape(&spans, &[("root", "", 1), ("leaf", "root", 1)]);
    assert!(BYTES.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_trace_that_was_dropped_in_part_is_asked_about_again() {
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    static FINISHED: AtomicUsize = AtomicUsize::new(0);

    let _room = room();
    let sampler = Asked { open: &OPEN, finished: &FINISHED, verdict: Verdict::Drop };
    let spans = Capturing::new().sampler(sampler).run(|| {
        open!(_root = "root");
        fill();
        fill();
    });
    assert!(spans.is_empty());
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 2 * FILLS as u64 + 1);
    assert!(OPEN.load(Ordering::Relaxed) > 0);
    assert_eq!(FINISHED.load(Ordering::Relaxed), 1);
}

#[test]
fn a_nested_root_inside_of_a_long_one_is_its_own() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        fill();
        Context::none().in_scope(|| {
            open!(_nested = "nested");
            fill();
        });
        leaf();
    });
    let expected = [
        ("root", "", 1),
        ("call", "root", FILLS),
        ("nested", "", 1),
        ("call", "nested", FILLS),
        ("leaf", "root", 1),
    ];
    assert_shape(&spans, &expected);
    assert!(parent_of(&spans, spans.named("leaf")).is_some());
}

#[test]
fn a_future_that_is_polled_in_a_scope_while_a_part_is_sent_gives_it_back() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let first = {
            open!(_first = "first");
            traced::current()
        };
        first.in_scope(|| {
            block_on(task!("fills", async { fill() }));
            leaf();
        });
    });
    assert_eq!(parent_of(&spans, spans.named("leaf")).map(|p| &*p.name), Some("first"));
}

#[test]
fn a_future_that_is_suspended_while_a_part_is_sent_keeps_its_place() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let mut waits: Boxed = Box::pin(task!("waits", async {
            yield_now().await;
            yield_now().await;
            leaf();
        }));
        assert!(poll_once(waits.as_mut()).is_pending());
        fill();
        assert!(poll_once(waits.as_mut()).is_pending());
        elsewhere(|| block_on(waits));
    });
    assert_eq!(parent_of(&spans, spans.named("leaf")).map(|p| &*p.name), Some("waits"));
}

#[test]
fn a_span_that_is_opened_where_the_segment_is_nearly_full_does_not_block_it() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..FITS - 1 {
            open!(_call = "call");
            ok();
        }
        open!(_long = "long");
        for _ in 0..1000 {
            leaf();
        }
        event(site!("event"), || []);
        record(site!("late", "late"), Target::Current, || [Value::U64(1)]);
    });
    assert_eq!(spans.stats().dropped(Dropped::SegmentFull), 0);
    let long = spans.named("long");
    assert_eq!(spans.children(long).count(), 1000);
    assert_eq!((long.events.len(), long.attribute("late")), (1, Some(&1.into())));
}

#[test]
fn a_section_that_is_open_while_a_part_is_sent_stays_open_across_an_await() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        block_on(task!("waits", async {
            let part = section(site!("part"), || []);
            fill();
            yield_now().await;
            leaf();
            drop(part);
            twig();
        }));
    });
    let parent = |name| parent_of(&spans, spans.named(name)).map(|span| &*span.name);
    assert_eq!((parent("leaf"), parent("twig")), (Some("part"), Some("waits")));
}

#[test]
fn a_scope_that_lasts_while_a_part_is_sent_ends() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        let first = {
            open!(_first = "first");
            traced::current()
        };
        first.in_scope(fill);
        leaf();
    });
    assert_eq!(parent_of(&spans, spans.named("leaf")).map(|p| &*p.name), Some("root"));
}

#[test]
fn a_scope_on_another_thread_that_lasts_while_a_part_is_sent_ends() {
    let _room = room();
    let spans = elsewhere(|| {
        capture(|| {
            let root = {
                open!(_root = "root");
                traced::current()
            };
            root.in_scope(fill);
            leaf();
        })
    });
    assert!(!spans.named("leaf").parent_id.is_valid(), "the thread is in the scope for ever");
}

#[test]
fn nested_roots_may_be_closed_out_of_order_after_a_part_was_sent() {
    let _room = room();
    let spans = elsewhere(|| {
        capture(|| {
            let a = enter(site!("a"));
            fill();
            let b = enter_at(site!("b"), || Parent::Root, || []);
            drop(a);
            drop(b);
            leaf();
        })
    });
    assert_eq!(spans.named("leaf").parent_id, SpanId::INVALID, "the thread is in `a` for ever");
    assert_accounted(&spans);
}

#[test]
fn a_slow_span_says_so_although_a_part_was_sent() {
    let _room = room();
    let spans = capture(|| {
        let _root = enter(site!("root"; slow_ns = 1));
        fill();
    });
    assert_eq!(spans.named("root").attribute("traced.slow"), Some(&true.into()));
}

#[test]
fn arguments_arrive_although_a_part_is_sent_for_them() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..FITS - 1 {
            open!(_call = "call");
            ok();
        }
        let place = site!("waits", "a");
        block_on(traced::__private::traced(place, async {
            arguments(place, || [Value::U64(7)]);
        }));
    });
    assert_eq!(spans.named("waits").attribute("a"), Some(&7.into()));
}
