//! Many calls of one place in a row become one span, and stay cheap.

use traced::__private::{Value, enter, enter_with};
use traced::data::{Attribute, Span, Status};
use traced::test::{Capturing, Spans};
use traced::{Dropped, in_current};
use traced_tests::{
    Boxed, assert_accounted, before_a_part_is_due, block_on, elsewhere, leaf, open, parent_of,
    poll_once, room, site, task, twig, yield_now,
};

fn compressed(work: impl FnOnce()) -> Spans {
    Capturing::new().compressed().run(work)
}

fn number(span: &Span, key: &str) -> u64 {
    match span.attribute(key) {
        Some(Attribute::I64(number)) => number.unsigned_abs(),
        other => panic!("{key}: {other:?}"),
    }
}

fn count(span: &Span) -> u64 {
    if span.attribute("traced.count").is_some() { number(span, "traced.count") } else { 1 }
}

/// All that was created is there, or counted in what is.
#[track_caller]
fn assert_complete(spans: &Spans, created: u64) {
    assert_accounted(spans);
    assert_eq!(spans.stats().created, created);
    assert_eq!(spans.stats().dropped(Dropped::Folded), spans.stats().dropped_in_all());
    assert_eq!(spans.iter().map(count).sum::<u64>(), created);
}

#[test]
fn a_loop_of_a_million_calls_is_its_first_and_one_more_in_little_memory() {
    // As much as the first block of a thread: the chunk never grew.
    let spans = before_a_part_is_due(|| {
        Capturing::new().compressed().limit_bytes(64 << 10).run(|| {
            open!(_root = "root");
            (0..1_000_000).for_each(|_| leaf());
        })
    });
    assert_complete(&spans, 1_000_001);
    assert_eq!(spans.len(), 3);
    let root = spans.named("root");
    let last = spans.children(root).last().unwrap();
    assert_eq!(count(last), 1_000_000 - 1);
    let [sum, least, greatest] =
        ["traced.sum_ns", "traced.min_ns", "traced.max_ns"].map(|key| number(last, key));
    assert!(least <= greatest && greatest <= sum);
    assert!(sum <= last.end_unix_ns - last.start_unix_ns, "from the first begin to the last end");
    assert!(last.end_unix_ns <= root.end_unix_ns);
}

#[test]
fn every_number_of_calls_adds_up() {
    for calls in
        (0..40).chain([255, 256, 257, 270, 271, 272, 511, 512, 513, 1000, 1023, 1024, 5000])
    {
        let spans = compressed(|| {
            open!(_root = "root");
            for _ in 0..calls {
                leaf();
            }
            twig();
        });
        assert_complete(&spans, calls + 2);
        let expected = match calls {
            0..20 => calls + 2,
            20..1024 => 2 + 17,
            _ => 2 + 2,
        };
        assert_eq!(spans.len() as u64, expected, "{calls}");
    }
}

#[test]
fn a_loop_of_tasks_is_compressed_in_the_block_of_a_task() {
    let spans = compressed(|| {
        block_on(task!("root", async {
            for _ in 0..10_000 {
                leaf();
            }
            yield_now().await;
            for _ in 0..10_000 {
                task!("inner", async {}).await;
            }
        }));
    });
    assert_complete(&spans, 20_001);
    assert_eq!(spans.len(), 1 + 2 * 2);
}

#[test]
fn what_is_remarkable_interrupts_a_run() {
    let spans = compressed(|| {
        open!(_root = "root");
        for n in 0..3000_u64 {
            let _call = enter_with(site!("call", "n"), || [Value::U64(n)]);
            if n == 1500 {
                traced::__private::fail("Boom");
            }
        }
    });
    assert_complete(&spans, 3001);
    let failed = spans.iter().find(|span| span.status != Status::Unset).unwrap();
    assert_eq!(failed.attribute("n"), Some(&1500.into()));
    assert_eq!(spans.len(), 1 + 2 + 1 + 2);
}

#[test]
fn what_somebody_else_hangs_on_is_not_compressed() {
    let spans = compressed(|| {
        open!(_root = "root");
        let mut work = Vec::new();
        for n in 0..3000 {
            open!(_call = "call");
            if n % 1000 == 500 {
                work.push(in_current(twig));
            }
        }
        elsewhere(|| work.into_iter().for_each(|work| work()));
    });
    assert_complete(&spans, 3004);
    let mut twigs = spans.iter().filter(|span| span.name == "twig");
    assert!(twigs.all(|twig| parent_of(&spans, twig).unwrap().name == "call"));
}

#[test]
fn a_future_that_is_called_in_a_span_and_polled_elsewhere_keeps_its_parent() {
    let spans = compressed(|| {
        open!(_root = "root");
        let mut called = Vec::new();
        for _ in 0..600 {
            open!(_call = "call");
            called.push(task!("called", async {}));
        }
        elsewhere(|| called.into_iter().for_each(block_on));
    });
    assert_complete(&spans, 1201);
    let mut called = spans.iter().filter(|span| span.name == "called");
    assert!(called.all(|called| parent_of(&spans, called).unwrap().name == "call"));
}

#[test]
fn a_future_that_was_polled_elsewhere_meanwhile_keeps_what_it_called_there() {
    const CALLS: u64 = 600;
    let spans = compressed(|| {
        open!(_root = "root");
        for _ in 0..CALLS {
            let work = task!("called", async {
                yield_now().await;
                leaf();
                yield_now().await;
            });
            let mut work: Boxed = Box::pin(work);
            assert!(poll_once(work.as_mut()).is_pending());
            elsewhere(in_current(|| assert!(poll_once(work.as_mut()).is_pending())));
            block_on(work);
        }
    });
    assert_complete(&spans, 1 + 2 * CALLS);
    let leaves: Vec<_> = spans.iter().filter(|span| span.name == "leaf").collect();
    assert_eq!(leaves.len() as u64, CALLS);
    assert!(
        leaves.iter().all(|leaf| parent_of(&spans, leaf).is_some_and(|span| span.name == "called"))
    );
}

#[test]
fn spans_that_are_parents_or_of_other_parents_stay() {
    let _room = room();
    let spans = compressed(|| {
        open!(_root = "root");
        for _ in 0..1000 {
            open!(_call = "call");
            leaf();
        }
        for _ in 0..300 {
            leaf();
            twig();
        }
    });
    assert_complete(&spans, 2601);
    assert_eq!(spans.len(), 2601);
}

#[test]
fn a_place_may_be_left_uncompressed() {
    let spans = compressed(|| {
        open!(_root = "root");
        for _ in 0..1000 {
            let _call = enter({
                static SITE: traced::__private::Callsite = traced::__private::Callsite::new(
                    traced::__private::About::new(
                        traced::__private::Name::Literal("call"),
                        module_path!(),
                        file!(),
                        line!(),
                    )
                    .uncompressed(),
                );
                &SITE
            });
        }
    });
    assert_complete(&spans, 1001);
    assert_eq!(spans.len(), 1001);
}

#[test]
fn a_scope_that_is_taken_back_does_not_confuse_the_next_look() {
    let _room = room();
    let spans = compressed(|| {
        open!(_root = "root");
        let context = traced::current();
        for n in 0..5000 {
            context.in_scope(|| {
                if n % 3 == 0 {
                    leaf();
                }
            });
            leaf();
        }
    });
    assert_accounted(&spans);
    assert_eq!(spans.iter().map(count).sum::<u64>(), 1 + 5000 + 1667);
    assert_eq!(spans.roots().count(), 1);
}

#[test]
fn a_test_sees_every_span_unless_it_says_otherwise() {
    let spans = Capturing::new().run(|| {
        open!(_root = "root");
        (0..1000).for_each(|_| leaf());
    });
    assert_eq!(spans.len(), 1001);
}
