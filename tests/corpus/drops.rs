//! When things drop: inside of the span, in the order that they did without.

use std::cell::RefCell;
use traced::test::capture;
use traced::traced;
use traced_tests::{block_on, yield_now};

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Says when it drops, and whether inside of a span.
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        let inside = if traced::current().is_none() { "" } else { "*" };
        LOG.with_borrow_mut(|log| log.push(format!("{}{inside}", self.0)));
    }
}

impl Noisy {
    fn number(&self) -> u8 {
        1
    }
}

macro_rules! twice {
    ($bare:ident, $annotated:ident, ($($arguments:tt)*) -> $out:ty $body:block) => {
        #[allow(unused_variables)]
        fn $bare($($arguments)*) -> $out $body
        #[traced]
        #[allow(unused_variables)]
        fn $annotated($($arguments)*) -> $out $body
    };
}

macro_rules! twice_later {
    ($bare:ident, $annotated:ident, ($($arguments:tt)*) -> $out:ty $body:block) => {
        #[allow(unused_variables)]
        async fn $bare($($arguments)*) -> $out $body
        #[traced]
        #[allow(unused_variables)]
        async fn $annotated($($arguments)*) -> $out $body
    };
}

twice!(arguments, arguments_traced, (a: Noisy, _: Noisy, _c: Noisy, (d, _): (Noisy, Noisy)) -> () {
    let local = Noisy("local");
});
twice!(moved, moved_traced, (a: Noisy, b: Noisy) -> Result<u8, ()> {
    drop(a);
    let local = Noisy("local");
    Err(())?
});
twice!(tail, tail_traced, (a: Noisy) -> u8 {
    let local = Noisy("local");
    Noisy("temporary").number()
});
twice!(tail_result, tail_result_traced, (a: Noisy) -> Result<u8, ()> {
    let local = Noisy("local");
    Ok(Noisy("temporary").number())
});
twice_later!(later, later_traced, (a: Noisy, _: Noisy, (d, _): (Noisy, Noisy)) -> u8 {
    let local = Noisy("local");
    yield_now().await;
    Noisy("temporary").number()
});

struct Parts {
    first: Noisy,
    second: Noisy,
}

impl Parts {
    #[allow(unused_variables)]
    fn part(self, after: Noisy) -> Result<Noisy, ()> {
        let kept = self.second;
        Ok(kept)
    }
    #[traced]
    #[allow(unused_variables)]
    fn part_traced(self, after: Noisy) -> Result<Noisy, ()> {
        let kept = self.second;
        Ok(kept)
    }
}

fn log(work: impl FnOnce()) -> Vec<String> {
    LOG.with_borrow_mut(Vec::clear);
    work();
    LOG.take()
}

/// The same order, everything inside of the span.
#[track_caller]
fn same(bare: impl FnOnce(), traced: impl FnOnce()) {
    let without = log(bare);
    let mut with = Vec::new();
    capture(|| with = log(traced));
    let expected: Vec<_> = without.iter().map(|name| format!("{name}*")).collect();
    assert_eq!(with, expected);
}

fn pair() -> (Noisy, Noisy) {
    (Noisy("taken"), Noisy("left"))
}

#[test]
fn arguments_drop_in_their_order_inside_of_the_span() {
    same(
        || arguments(Noisy("a"), Noisy("b"), Noisy("c"), pair()),
        || arguments_traced(Noisy("a"), Noisy("b"), Noisy("c"), pair()),
    );
    same(|| drop(moved(Noisy("a"), Noisy("b"))), || drop(moved_traced(Noisy("a"), Noisy("b"))));
    same(
        || drop(block_on(later(Noisy("a"), Noisy("b"), pair()))),
        || drop(block_on(later_traced(Noisy("a"), Noisy("b"), pair()))),
    );
}

#[test]
fn temporaries_of_the_last_expression_drop_as_the_edition_says() {
    same(|| drop(tail(Noisy("a"))), || drop(tail_traced(Noisy("a"))));
    same(|| drop(tail_result(Noisy("a"))), || drop(tail_result_traced(Noisy("a"))));
}

#[test]
fn of_self_the_parts_drop_that_stayed() {
    let parts = || Parts { first: Noisy("first"), second: Noisy("second") };
    let without = log(|| std::mem::forget(parts().part(Noisy("after"))));
    let mut with = Vec::new();
    capture(|| with = log(|| std::mem::forget(parts().part_traced(Noisy("after")))));
    let expected: Vec<_> = without.iter().map(|name| format!("{name}*")).collect();
    assert_eq!(with, expected);
}
