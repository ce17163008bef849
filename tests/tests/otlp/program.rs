//! Random programs that say much about their spans.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use traced::__private::{Callsite, Target, Value, enter_with, event, fail, ok, record};
use traced::{Context, SpanId, TraceId};
use traced_tests::{Boxed, block_on, elsewhere, next_random, poll_once, site, task, yield_now};

/// What decides: a seed, or the bytes of a fuzzer, and zeros behind them.
pub(crate) enum Random {
    Seeded(u64),
    #[cfg(fuzzing)]
    Led(std::vec::IntoIter<u8>),
}

impl Random {
    fn next(&mut self) -> u64 {
        let state = match self {
            Self::Seeded(state) => state,
            #[cfg(fuzzing)]
            Self::Led(bytes) => {
                return u64::from_le_bytes(std::array::from_fn(|_| bytes.next().unwrap_or(0)));
            }
        };
        next_random(state)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        #[cfg(fuzzing)]
        if let Self::Led(bytes) = self {
            return u64::from(bytes.next().unwrap_or(0)) % limit;
        }
        self.next() % limit
    }

    /// A number of any size.
    fn number(&mut self) -> u64 {
        let shift = self.below(64);
        self.next() >> shift
    }

    fn text(&mut self) -> String {
        let length = self.below(40).pow(if self.below(100) == 0 { 3 } else { 1 });
        let mut character = || match self.below(6) {
            0 => 'ß',
            1 => '中',
            2 => '\0',
            3 => '𝄞',
            _ => 'a',
        };
        (0..length).map(|_| character()).collect()
    }
}

/// What values borrow from.
struct Source {
    text: String,
    texts: Vec<String>,
    numbers: Vec<u64>,
    integers: Vec<i64>,
    floats: Vec<f64>,
    bools: Vec<bool>,
}

impl Source {
    fn new(random: &mut Random) -> Self {
        let count = random.below(5);
        let numbers: Vec<_> = (0..count).map(|_| random.number()).collect();
        Self {
            text: random.text(),
            texts: (0..count).map(|_| random.text()).collect(),
            integers: numbers.iter().map(|n| n.cast_signed()).collect(),
            #[allow(clippy::cast_precision_loss)]
            floats: numbers.iter().map(|n| *n as f64 / 3.0).collect(),
            bools: numbers.iter().map(|n| n % 2 == 0).collect(),
            numbers,
        }
    }

    /// Some values, left out ones among them; the texts must be borrowed for as long.
    fn values<'v>(&'v self, texts: &'v [&'v str], random: &mut Random) -> [Value<'v>; 4] {
        // Mostly of the frequent shapes, so that they also meet in one span.
        let shapes = if random.below(4) == 0 { 16 } else { 8 };
        std::array::from_fn(|_| match random.below(shapes) {
            0 => Value::I64(random.number().cast_signed()),
            1 => Value::I64(random.number().cast_signed().wrapping_neg()),
            2 | 3 => Value::U64(random.number()),
            4 => Value::F64(f64::from_bits(random.next() & !(0x7ff << 52) | 0x3ff << 52)),
            5 => Value::Bool(random.below(2) == 0),
            6 | 7 => Value::Text(&self.text),
            8 => Value::Char('ß'),
            9 => Value::I64s(&self.integers),
            10 => Value::U64s(&self.numbers),
            11 => Value::F64s(&self.floats),
            12 => Value::Bools(&self.bools),
            13 => Value::Texts(texts),
            14 => Value::Display(&self.text),
            _ => Value::LeftOut,
        })
    }

    fn texts(&self) -> Vec<&str> {
        self.texts.iter().map(String::as_str).collect()
    }
}

/// Places of many kinds: with keys that meet those of ours, twice the same key, long keys, and thresholds.
fn place(random: &mut Random) -> &'static Callsite {
    match random.below(8) {
        0 => site!("plain", "a", "b", "c", "d"),
        1 => site!("watched", "a", "b", "c", "d"; slow_ns = 1),
        2 => site!("ours", "code.line.number", "error.type", "traced.slow", "traced.outcome"),
        3 => site!("twice", "a", "b", "a", "b"),
        4 => site!("server", "a", "b", "c", "d"; kind = traced::SpanKind::Server),
        5 => site!(
            "long",
            "a.very.long.key.that.makes.a.number.take.more.than.one.hundred.and.twenty.seven.bytes.in.its.message",
            "b",
            "c",
            "d"
        ),
        _ => site!("usual", "e", "f", "g", "h"),
    }
}

/// Runs a program on this thread.
pub(crate) fn run(random: &mut Random, depth: u64) {
    let source = Source::new(random);
    let texts = source.texts();
    let values = source.values(&texts, random);
    let _span = enter_with(place(random), || values);
    for _ in 0..random.below(5) {
        step(random, depth);
    }
}

fn step(random: &mut Random, depth: u64) {
    let source = Source::new(random);
    let texts = source.texts();
    let values = source.values(&texts, random);
    match random.below(16) {
        0..=4 if depth > 0 => run(random, depth - 1),
        5 | 6 => event(place(random), || values),
        7 => record(place(random), Target::Current, || values),
        8 => record(place(random), Target::LocalRoot, || values),
        9 => traced::link(Context::remote(TraceId::from_u128(7), SpanId::from_u64(9), true)),
        10 => fail("broken"),
        11 => ok(),
        12 if depth > 0 => {
            let child = AssertUnwindSafe(|| {
                run(random, depth - 1);
                // Past the hook: nothing is printed, and a fuzzer does not take it for its find.
                resume_unwind(Box::new("on purpose"));
            });
            drop(catch_unwind(child));
        }
        13 if depth > 0 => elsewhere(traced::in_current(|| run(random, depth - 1))),
        14 => cancelled(place(random), values),
        15 => block_on(task!("async", async {
            yield_now().await;
            event(site!("in a task", "n"), || [Value::U64(7)]);
        })),
        _ => {}
    }
}

/// A future that is dropped before it is ready.
fn cancelled(site: &'static Callsite, values: [Value<'_>; 4]) {
    let span = traced::__private::span(site, || values);
    let work: Boxed = Box::pin(async { yield_now().await });
    let mut future = Box::pin(instrumented(span, work));
    assert!(poll_once(future.as_mut()).is_pending());
}

fn instrumented(span: traced::Span, work: Boxed) -> impl Future<Output = ()> {
    use traced::Instrument;
    work.instrument(span)
}
