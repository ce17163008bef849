//! What the tests share; the tests themselves are in `tests/`.
//!
//! Places are declared by [`site!`] and opened through `traced::__private`, as generated code does it, so
//! that these tests speak of the runtime alone.

mod process;

pub use process::{
    Deserted, PATIENCE, again, before_a_part_is_due, builder, flush, forget_variables,
    in_a_process_of_its_own, is_again, room,
};

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use traced::data::Span;
use traced::test::Spans;

/// A place of this name, with these attribute keys, and what else [`traced::About`] can say:
/// `site!("name", "key", "other key"; slow_ns = 5)`.
#[macro_export]
macro_rules! site {
    ($name:literal $(, $key:literal)* $(; $property:ident = $value:expr)*) => {{
        static SITE: traced::__private::Callsite = traced::__private::Callsite::new(
            traced::__private::About::new(
                traced::__private::Name::Literal($name),
                module_path!(),
                file!(),
                line!(),
            )
            .keys(&[$($key),*])
            $(.$property($value))*,
        );
        &SITE
    }};
}

/// Opens a span of this name until the end of the block: `open!(_root = "root")`.
#[macro_export]
macro_rules! open {
    ($guard:ident = $name:literal) => {
        let $guard = traced::__private::enter($crate::site!($name));
    };
}

/// A future with a span of this name around it.
#[macro_export]
macro_rules! task {
    ($name:literal, $future:expr) => {
        traced::__private::traced($crate::site!($name), $future)
    };
}

/// A traced function that does nothing.
pub fn leaf() {
    open!(_leaf = "leaf");
}

/// Another one.
pub fn twig() {
    open!(_twig = "twig");
}

/// A future that is pending once.
#[derive(Debug, Default)]
#[must_use = "futures do nothing unless polled"]
pub struct Yield {
    has_yielded: bool,
}

/// Lets others run.
pub fn yield_now() -> Yield {
    Yield::default()
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A future that can be polled anywhere.
pub type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Polls a future once.
pub fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future that has no reason to be pending for long, until it is ready.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = poll_once(future.as_mut()) {
            return output;
        }
    }
}

/// Runs `work` on a thread of its own, which is gone afterwards.
pub fn elsewhere<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|threads| threads.spawn(work).join()).expect("the thread panicked")
}

/// The same with a stack for deep recursion.
pub fn with_a_large_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let builder = std::thread::Builder::new().stack_size(512 << 20);
    std::thread::scope(|threads| {
        builder.spawn_scoped(threads, work).expect("a thread").join().expect("the thread panicked")
    })
}

/// The span that a span hangs on, if it was captured.
pub fn parent_of<'s>(spans: &'s Spans, child: &Span) -> Option<&'s Span> {
    spans.iter().find(|span| span.trace_id == child.trace_id && span.span_id == child.parent_id)
}

/// Every span that was created was captured or counted, and none is on its way.
#[track_caller]
pub fn assert_accounted(spans: &Spans) {
    let stats = spans.stats();
    assert_eq!(stats.exported, spans.len() as u64, "{stats:?}");
    assert_eq!(stats.pending, 0, "{stats:?}");
    assert_eq!(stats.created, stats.exported + stats.dropped_in_all(), "{stats:?}");
}

/// The same, and the trees are these.
#[track_caller]
pub fn assert_tree(spans: &Spans, tree: &str) {
    assert_eq!(spans.to_string(), tree);
    assert_accounted(spans);
}

/// The most memory that this process has had, in KiB, where the system tells.
pub fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_whitespace().next()?.parse().ok()
}

/// The next random number after this state: splitmix64, the same numbers in each run.
pub fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
