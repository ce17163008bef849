//! What happens when it is too much: everything is bounded, and what finds no room is counted.

use std::sync::atomic::{AtomicUsize, Ordering};
use traced::__private::{Value, enter, enter_with, fail};
use traced::data::{Attribute, Span, Status};
use traced::sampling::{End, Head, Sampler, Start, Verdict};
use traced::test::{Capturing, Spans, capture};
use traced::{Dropped, in_current};
use traced_tests::{
    Boxed, assert_accounted, assert_tree, block_on, elsewhere, in_a_process_of_its_own, leaf, open,
    parent_of, poll_once, room, site, task, twig, with_a_large_stack, yield_now,
};

fn number(span: &Span, key: &str) -> Option<u64> {
    match span.attribute(key) {
        Some(Attribute::I64(number)) => Some(number.unsigned_abs()),
        _ => None,
    }
}

/// How many spans a span stands for, those that were inside of them included.
fn stands_for(span: &Span) -> u64 {
    number(span, "traced.count").unwrap_or(1) + number(span, "traced.folded_inside").unwrap_or(0)
}

/// Nothing was lost but what was folded, and the folded spans say how many they were.
#[track_caller]
fn assert_folded(spans: &Spans, created: u64) {
    assert_accounted(spans);
    assert_eq!(spans.stats().created, created);
    assert_eq!(spans.stats().dropped(Dropped::Folded), spans.stats().dropped_in_all());
    assert_eq!(spans.iter().map(stands_for).sum::<u64>(), created);
}

#[test]
fn a_loop_of_a_million_calls_keeps_its_error() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for n in 0..1_000_000 {
            let _call = enter_with(site!("call", "n"), || [Value::U64(n)]);
            if n == 900_000 {
                fail("Boom");
            }
        }
    });
    assert_folded(&spans, 1_000_001);
    let failed: Vec<_> = spans.iter().filter(|span| span.status != Status::Unset).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].attribute("n"), Some(&900_000.into()));
    assert_eq!(failed[0].attribute("error.type"), Some(&"Boom".into()));
    assert_eq!(parent_of(&spans, failed[0]).unwrap().name, "root");
}

#[test]
fn a_loop_of_subtrees_keeps_its_error() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for n in 0..200_000 {
            open!(_call = "call");
            leaf();
            twig();
            open!(_inner = "inner");
            leaf();
            if n == 150_000 {
                fail("Boom");
            }
        }
    });
    assert_folded(&spans, 1_000_001);
    let failed = spans.iter().find(|span| span.status != Status::Unset).unwrap();
    let call = parent_of(&spans, failed).unwrap();
    assert_eq!((&*failed.name, &*call.name), ("inner", "call"));
    let siblings: Vec<_> = spans.children(call).map(|span| &*span.name).collect();
    assert_eq!(siblings, ["leaf", "twig", "inner"]);
}

#[test]
fn a_loop_of_alternating_places_is_folded_by_place() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for _ in 0..200_000 {
            leaf();
            twig();
        }
    });
    assert_folded(&spans, 400_001);
    let folded: Vec<_> =
        spans.iter().filter(|span| span.attribute("traced.count").is_some()).collect();
    let mut names: Vec<_> = folded.iter().map(|span| &*span.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["leaf", "twig"]);
}

#[test]
fn a_folded_span_says_how_long_its_calls_took() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        (0..100_000).for_each(|_| leaf());
    });
    let folded = spans.iter().find(|span| span.attribute("traced.count").is_some()).unwrap();
    let [least, greatest, sum] =
        ["traced.min_ns", "traced.max_ns", "traced.sum_ns"].map(|key| number(folded, key).unwrap());
    assert!(least <= greatest && greatest <= sum);
    let root = parent_of(&spans, folded).unwrap();
    assert!(root.start_unix_ns <= folded.start_unix_ns && folded.end_unix_ns <= root.end_unix_ns);
}

#[test]
fn what_somebody_else_hangs_on_is_not_folded() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        (0..50_000).for_each(|_| leaf());
        let mut work = Vec::new();
        for n in 0..1000 {
            open!(_call = "call");
            if n % 100 == 0 {
                work.push(in_current(twig));
            }
        }
        elsewhere(|| work.into_iter().for_each(|work| work()));
    });
    assert_folded(&spans, 51_011);
    let twigs: Vec<_> = spans.iter().filter(|span| span.name == "twig").collect();
    assert_eq!(twigs.len(), 10);
    assert!(twigs.iter().all(|twig| parent_of(&spans, twig).unwrap().name == "call"));
}

#[test]
fn what_is_remarkable_in_a_folded_loop_stays_in_its_place() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        for n in 0..100_000_u64 {
            open!(_call = "call");
            leaf();
            if n % 10_000 == 9_999 {
                traced::__private::event(site!("event", "n"), || [Value::U64(n)]);
                twig();
            }
        }
    });
    assert_folded(&spans, 200_011);
    let calls: Vec<_> = spans.iter().filter(|span| !span.events.is_empty()).collect();
    assert_eq!(calls.len(), 10);
    for (at, call) in (1..).zip(&calls) {
        assert_eq!(call.events[0].attributes[0].1, (at * 10_000 - 1).into());
        let children: Vec<_> = spans.children(call).map(|span| &*span.name).collect();
        assert_eq!(children, ["leaf", "twig"]);
    }
}

#[test]
fn more_kinds_of_siblings_than_can_be_remembered_are_counted() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        (0..20_000).for_each(|_| leaf());
        // Each of these is a parent of its own, and stays open until all are there.
        let mut guards = Vec::new();
        for _ in 0..1000 {
            guards.push(enter(site!("level")));
            leaf();
            leaf();
        }
        while guards.pop().is_some() {}
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 23_001);
    assert_eq!(spans.stats().dropped(Dropped::Folded), spans.stats().dropped_in_all());
}

/// More spans than a segment holds, none of which is folded.
fn fill() {
    for _ in 0..35_000 {
        open!(_call = "call");
        traced::ok!();
    }
}

fn recurse(depth: u32) {
    open!(_level = "level");
    if depth > 1 {
        recurse(depth - 1);
    }
}

#[test]
fn the_depths_of_a_recursion_are_folded() {
    let _room = room();
    let spans = with_a_large_stack(|| capture(|| recurse(30_000)));
    assert_folded(&spans, 30_000);
    assert!(spans.len() > 10_000);
    assert!(spans.windows(2).all(|pair| pair[1].parent_id == pair[0].span_id));
}

#[test]
fn an_error_in_the_depths_of_a_recursion_keeps_the_way_to_it() {
    fn recurse_and_fail(depth: u32) {
        open!(_level = "level");
        if depth > 1 {
            recurse_and_fail(depth - 1);
        } else {
            fail("Depth");
        }
    }

    let _room = room();
    let spans = with_a_large_stack(|| capture(|| recurse_and_fail(30_000)));
    assert_folded(&spans, 30_000);
    assert_eq!(spans.len(), 30_000);
    assert_eq!(spans[29_999].status, Status::Error("".into()));
}

#[test]
fn what_an_outbox_cannot_hold_is_counted() {
    let spans = Capturing::new().limit_bytes(16 * 1024).run(|| {
        for _ in 0..1000 {
            open!(_root = "root");
            leaf();
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 2000);
    assert!(!spans.is_empty() && spans.len() < 1000);
    let full = spans.stats().dropped(Dropped::OutboxFull);
    assert_eq!(full, 2000 - spans.len() as u64);
}

#[test]
fn an_outbox_without_room_keeps_nothing() {
    let spans = Capturing::new().limit_bytes(0).run(|| {
        open!(_root = "root");
        leaf();
    });
    assert_tree(&spans, "");
    assert_eq!(spans.stats().dropped(Dropped::OutboxFull), 2);
}

#[test]
fn children_that_wait_for_the_decision_are_bounded() {
    let spans = capture(|| {
        open!(_root = "root");
        let context = traced::current();
        elsewhere(|| {
            for _ in 0..10_000 {
                context.in_scope(|| {
                    let _child = enter_with(site!("child", "text"), || [Value::Text("some text")]);
                    leaf();
                });
            }
        });
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 20_001);
    assert!(spans.stats().dropped(Dropped::SegmentFull) > 0);
    assert!(spans.iter().all(|span| span.name == "root" || parent_of(&spans, span).is_some()));
}

#[test]
fn children_that_end_after_the_decision_do_not_wait() {
    let spans = capture(|| {
        let context = {
            open!(_root = "root");
            traced::current()
        };
        elsewhere(|| (0..20_000).for_each(|_| context.in_scope(leaf)));
    });
    assert_accounted(&spans);
    assert_eq!(spans.len(), 20_001);
}

#[test]
fn a_child_elsewhere_that_fills_its_room_before_the_decision_loses_the_newest() {
    let _room = room();
    let spans = capture(|| {
        open!(_root = "root");
        elsewhere(in_current(|| {
            open!(_there = "there");
            for n in 0..40_000 {
                let _call = enter_with(site!("call", "n"), || [Value::U64(n)]);
                // Cannot be folded.
                fail("Each");
            }
        }));
        leaf();
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 40_003);
    assert_eq!(spans.stats().dropped(Dropped::SegmentFull), spans.stats().dropped_in_all());
    let there = spans.named("there");
    assert!(there.attribute("traced.outcome").is_none());
    assert!(spans.children(there).all(|call| call.attribute("traced.outcome").is_none()));
}

/// More suspended roots than there is memory for.
#[test]
fn suspended_tasks_are_bounded_and_give_their_memory_back() {
    let test = "bounds::suspended_tasks_are_bounded_and_give_their_memory_back";
    in_a_process_of_its_own(test, || {
        let spans = capture(|| {
            let mut tasks: Vec<_> = (0..50_000)
                .map(|_| {
                    Box::pin(task!("root", async {
                        yield_now().await;
                    }))
                })
                .collect();
            for task in &mut tasks {
                assert!(poll_once(task.as_mut()).is_pending());
            }
            // However many are suspended, a thread still finds room.
            leaf();
            tasks.into_iter().for_each(block_on);
        });
        assert_accounted(&spans);
        assert!(spans.len() > 1 && spans.len() < 50_000);
        spans.named("leaf");
        // The memory is there again.
        assert_tree(&capture(|| block_on(task!("again", yield_now()))), "again");
    });
}

#[test]
fn a_million_spans_with_everything_add_up() {
    let _room = room();
    let spans = Capturing::new().limit_bytes(8 << 20).run(|| {
        let mut waiting: Vec<Boxed> = Vec::new();
        for n in 0..20_000_u64 {
            open!(_root = "root");
            for m in 0..20 {
                let _call = enter_with(site!("call", "n"), || [Value::U64(m)]);
                leaf();
            }
            let mut child: Boxed = Box::pin(task!("child", async {
                leaf();
                yield_now().await;
                twig();
            }));
            match n % 4 {
                0 => block_on(child),
                1 => {
                    assert!(poll_once(child.as_mut()).is_pending());
                    waiting.push(child);
                }
                2 => std::mem::forget(enter(site!("forgotten"))),
                _ => assert!(poll_once(child.as_mut()).is_pending()),
            }
            if waiting.len() > 100 {
                waiting.drain(..50).for_each(block_on);
            }
        }
    });
    assert_accounted(&spans);
    assert!(spans.stats().dropped(Dropped::OutboxFull) > 0);
}

/// Keeps no trace before it has ended.
#[derive(Debug)]
struct KeepsTheFinished;

impl Sampler for KeepsTheFinished {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, root: &End) -> Verdict {
        if root.is_finished() { Verdict::Keep } else { Verdict::Drop }
    }
}

#[test]
fn a_trace_that_is_forgotten_in_part_and_kept_at_last_adds_up() {
    let _room = room();
    let spans = Capturing::new().sampler(KeepsTheFinished).run(|| {
        open!(_root = "root");
        open!(_inner = "inner");
        for n in 0..40_000 {
            let _call = enter_with(site!("call", "n"), || [Value::U64(n)]);
            fail("Each");
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 40_002);
    assert!(spans.stats().dropped(Dropped::Sampled) > 0);
    let inner = parent_of(&spans, spans.named("call")).unwrap();
    assert_eq!(inner.name, "inner");
    assert_eq!(parent_of(&spans, inner).unwrap().name, "root");
}

/// Their large blocks are cut for whoever comes after them.
#[test]
fn long_traces_of_the_past_leave_room_for_tasks() {
    let test = "bounds::long_traces_of_the_past_leave_room_for_tasks";
    in_a_process_of_its_own(test, || {
        let text = "x".repeat(1_000);
        let run = |tasks: usize, calls: usize| {
            capture(|| {
                let mut tasks: Vec<_> = (0..tasks)
                    .map(|_| {
                        let text = &text;
                        Box::pin(task!("task", async move {
                            for _ in 0..calls {
                                let _call =
                                    enter_with(site!("call", "text"), || [Value::Text(text)]);
                                traced::ok!();
                            }
                            yield_now().await;
                        }))
                    })
                    .collect();
                for task in &mut tasks {
                    assert!(poll_once(task.as_mut()).is_pending());
                }
                tasks.into_iter().for_each(block_on);
            })
        };
        let long = run(40, 900);
        assert!(long.stats().dropped(Dropped::NoMemory) > 0, "all memory was taken");
        assert_eq!(run(10_000, 0).len(), 10_000);
    });
}

#[test]
fn a_future_that_found_no_room_stays_in_its_trace_when_it_moves() {
    let _room = room();
    let spans = capture(|| {
        let mut moving: Boxed = Box::pin(task!("moving", async {
            yield_now().await;
            leaf();
        }));
        {
            open!(_root = "root");
            // The root is not judged yet, so that a thread that continues it cannot send what it has.
            elsewhere(in_current(|| {
                fill();
                assert!(poll_once(moving.as_mut()).is_pending());
            }));
        }
        block_on(moving);
    });
    assert_eq!(spans.roots().count(), 1, "the leaf began a trace of its own");
}

#[test]
fn what_finds_no_memory_is_counted_where_it_belongs() {
    let test = "bounds::what_finds_no_memory_is_counted_where_it_belongs";
    in_a_process_of_its_own(test, || {
        let spans = capture(|| {
            let mut tasks: Vec<_> =
                (0..30_000).map(|_| Box::pin(task!("root", yield_now()))).collect();
            for task in &mut tasks {
                assert!(poll_once(task.as_mut()).is_pending());
            }
            tasks.into_iter().for_each(block_on);
        });
        assert_eq!(spans.stats().created, 30_000);
        assert_eq!(spans.stats().dropped(Dropped::NoMemory), 30_000 - spans.len() as u64);
    });
}

#[test]
fn children_of_what_found_no_memory_are_counted() {
    let test = "bounds::children_of_what_found_no_memory_are_counted";
    in_a_process_of_its_own(test, || {
        let spans = capture(|| {
            open!(_root = "root");
            let mut tasks: Vec<Boxed> = (0..30_000)
                .map(|_| -> Boxed {
                    Box::pin(task!("child", async {
                        yield_now().await;
                        leaf();
                    }))
                })
                .collect();
            elsewhere(|| {
                for task in &mut tasks {
                    assert!(poll_once(task.as_mut()).is_pending());
                }
                tasks.into_iter().for_each(block_on);
            });
        });
        assert_accounted(&spans);
        assert_eq!(spans.stats().created, 60_001);
    });
}

/// Counts how often it is asked, and keeps nothing.
#[derive(Debug)]
struct Asked(&'static AtomicUsize);

impl Sampler for Asked {
    fn start(&self, _: &Start) -> Head {
        Head::UNTIL_END
    }

    fn end(&self, _: &End) -> Verdict {
        self.0.fetch_add(1, Ordering::Relaxed);
        Verdict::Drop
    }
}

#[test]
fn a_segment_full_of_open_spans_is_not_judged_at_every_call() {
    static TIMES: AtomicUsize = AtomicUsize::new(0);

    let _room = room();
    with_a_large_stack(|| Capturing::new().sampler(Asked(&TIMES)).run(|| recurse(32_720)));
    let times = TIMES.load(Ordering::Relaxed);
    assert!(times < 10, "asked {times} times");
}

#[test]
fn a_segment_full_of_open_spans_is_not_sent_again_at_every_call() {
    let _room = room();
    let spans =
        with_a_large_stack(|| Capturing::new().limit_bytes(8 << 20).run(|| recurse(32_720)));
    assert_accounted(&spans);
    assert_eq!(spans.stats().dropped(Dropped::OutboxFull), 0);
    let unfinished = spans.iter().filter(|span| span.attribute("traced.outcome").is_some()).count();
    assert_eq!(unfinished, 0);
}

#[test]
fn a_trace_has_so_many_spans_and_what_is_remarkable_besides() {
    let _room = room();
    let spans = Capturing::new().spans_per_trace(10_000).run(|| {
        open!(_root = "root");
        for n in 0..20_000_u64 {
            open!(_call = "call");
            leaf();
            if n % 1000 == 999 {
                fail("Boom");
            }
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.stats().created, 40_001);
    assert!((10_000..10_100).contains(&spans.len()), "{}", spans.len());
    let failed = spans.iter().filter(|span| span.status != Status::Unset).count();
    assert_eq!(failed, 20);
    assert_eq!(spans.iter().map(stands_for).sum::<u64>(), 40_001);
    assert_eq!(spans.named("root").attribute("traced.omitted_spans"), None);
}

#[test]
fn what_comes_after_even_that_is_counted_on_the_local_root() {
    let _room = room();
    let spans = Capturing::new().spans_per_trace(10_000).run(|| {
        open!(_root = "root");
        for _ in 0..15_000_u64 {
            open!(_call = "call");
            traced::ok!();
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.len(), 11_000);
    let omitted = spans.stats().dropped(Dropped::SpanCap);
    assert_eq!(omitted, 15_001 - 11_000);
    assert_eq!(number(spans.named("root"), "traced.omitted_spans"), Some(omitted));
}

#[test]
fn what_later_parts_omit_is_counted_on_the_local_root_too() {
    let _room = room();
    let text = "x".repeat(400);
    let spans = Capturing::new().spans_per_trace(10_000).run(|| {
        open!(_root = "root");
        for _ in 0..15_000_u64 {
            // So long that the chunk is full before the cap is reached, and sent in parts.
            let _call = enter_with(site!("call", "text"), || [Value::Text(&text)]);
            traced::ok!();
        }
    });
    assert_accounted(&spans);
    let omitted = spans.stats().dropped(Dropped::SpanCap);
    assert!(omitted > 0, "{:?}", spans.stats());
    let told = omitted + spans.stats().dropped(Dropped::SegmentFull);
    assert_eq!(number(spans.named("root"), "traced.omitted_spans"), Some(told));
}

#[test]
fn chunks_of_other_threads_have_a_cap_together() {
    let _room = room();
    let spans = Capturing::new().spans_per_trace(10_000).run(|| {
        open!(_root = "root");
        let context = traced::current();
        for _ in 0..3 {
            elsewhere(|| context.in_scope(|| (0..6_000).for_each(|_| leaf())));
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.len(), 12_001, "the one that was begun before is whole");
    assert_eq!(spans.stats().dropped(Dropped::SpanCap), 6_000);
    assert_eq!(number(spans.named("root"), "traced.omitted_spans"), Some(6_000));
}
