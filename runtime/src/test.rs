//! Spans of your own tests.
//!
//! [`capture`] runs a closure and returns the spans of the traces that began in it, also when other tests
//! run at the same time: a capture belongs to its thread, and to whatever continues its traces elsewhere.
//! A trace that begins on another thread on its own is not in it.

// What serves nothing but captures is `#[inline]`, so that tests compile it and programs do not.

use crate::callsite::Listener;
use crate::clock::Calibration;
pub use crate::clock::Source as Clock;
use crate::export::span::Span;
use crate::id::SpanId;
use crate::order::sort_by_number;
use crate::pipeline::assemble::{Assembler, Decoder, Hurry};
use crate::pipeline::compact::Words;
use crate::pipeline::outbox::{Bound, Outbox, Writers};
use crate::pipeline::read;
use crate::pipeline::stats::Stats;
use crate::sampling::{AlwaysOn, ParentBased, Sampler};
use crate::segment::compress::compress_all;
use crate::segment::shared::Route;
use crate::segment::thread::route_to;
use crate::sync::modelled::Arc;
use crate::sync::{Mutex, PoisonError};
use pin_project_lite::pin_project;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs `work` and returns the spans of the traces that began in it.
pub fn capture(work: impl FnOnce()) -> Spans {
    Capturing::new().run(work)
}

/// The same for a future, wherever it is polled.
pub async fn capture_async(work: impl Future<Output = ()>) -> Spans {
    Capturing::new().run_async(work).await
}

/// Makes the process read its time from this clock; `false` where it does not exist.
///
/// For tests of clocks, in a process of their own: a span that is open meanwhile begins in one unit of time
/// and ends in another.
pub fn force_clock(source: Clock) -> bool {
    crate::clock::force(source)
}

/// Where the segments of one capture go.
#[derive(Debug)]
pub(crate) struct Capture {
    sampler: Box<dyn Sampler>,
    outbox: Outbox,
    compresses: bool,
    spans_per_trace: u32,
    /// Spans of other libraries.
    foreign: Mutex<Vec<Span>>,
    /// The ticks in which they began. The time of day may have been set, or read a moment late, since then.
    begun: Mutex<HashMap<SpanId, u64>>,
    _listener: Listener,
}

impl Capture {
    pub(crate) fn sampler(&self) -> &dyn Sampler {
        &*self.sampler
    }

    /// Whether many calls of one place in a row become one span.
    pub(crate) fn compresses(&self) -> bool {
        self.compresses
    }

    pub(crate) fn spans_per_trace(&self) -> u32 {
        self.spans_per_trace
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// A span of another library begins.
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there are no others"))]
    pub(crate) fn note_begun(&self, span: SpanId, tick: u64) {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(span, tick);
    }

    /// Takes a finished span of another library.
    #[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "there are no others"))]
    pub(crate) fn offer(&self, span: Span) {
        self.outbox.counts().created(1);
        self.outbox.counts().committed(1);
        self.foreign.lock().unwrap_or_else(PoisonError::into_inner).push(span);
    }
}

/// A capture that is being prepared.
#[derive(Debug)]
#[must_use = "nothing is captured before `run`"]
pub struct Capturing {
    sampler: Box<dyn Sampler>,
    limit: usize,
    compresses: bool,
    spans_per_trace: u32,
}

impl Default for Capturing {
    fn default() -> Self {
        Self::new()
    }
}

impl Capturing {
    /// A capture that keeps everything.
    pub fn new() -> Self {
        Self {
            sampler: Box::new(ParentBased::new(AlwaysOn)),
            limit: usize::MAX / 2,
            compresses: false,
            spans_per_trace: u32::MAX,
        }
    }

    /// A capture of what a sampler keeps.
    pub fn sampler(mut self, sampler: impl Sampler) -> Self {
        self.sampler = Box::new(sampler);
        self
    }

    /// A capture in which many calls of one place in a row become one span, as in production.
    pub fn compressed(mut self) -> Self {
        self.compresses = true;
        self
    }

    /// A capture of at most so many spans of each trace, but for a tenth more that are remarkable, as
    /// [`Builder::spans_per_trace`](crate::Builder::spans_per_trace) sets it in production.
    pub fn spans_per_trace(mut self, spans: u32) -> Self {
        self.spans_per_trace = spans;
        self
    }

    /// A capture whose outbox holds so many bytes.
    pub fn limit_bytes(mut self, bytes: usize) -> Self {
        self.limit = bytes / 8;
        self
    }

    /// Runs `work` and returns the spans of the traces that began in it.
    pub fn run(self, work: impl FnOnce()) -> Spans {
        let capture = self.begin();
        {
            let _here = Routed::to(Route::Capture(capture.clone()));
            work();
        }
        collect(&capture)
    }

    /// The same for a future, wherever it is polled.
    pub async fn run_async(self, work: impl Future<Output = ()>) -> Spans {
        let capture = self.begin();
        Captured { capture: capture.clone(), work: Some(work) }.await;
        collect(&capture)
    }

    #[inline]
    fn begin(self) -> Arc<Capture> {
        Arc::new(Capture {
            sampler: self.sampler,
            compresses: self.compresses,
            spans_per_trace: self.spans_per_trace,
            outbox: Outbox::new(Bound::Own(self.limit), Writers::Many),
            foreign: Mutex::new(Vec::new()),
            begun: Mutex::new(HashMap::new()),
            _listener: Listener::new(),
        })
    }
}

/// Roots that begin on this thread go there, until this is dropped.
struct Routed(Route);

impl Routed {
    fn to(route: Route) -> Self {
        Self(route_to(route).unwrap_or_default())
    }
}

impl Drop for Routed {
    fn drop(&mut self) {
        let _captured = route_to(std::mem::take(&mut self.0));
    }
}

pin_project! {
    struct Captured<F> {
        capture: Arc<Capture>,
        // Dropped before the spans are collected, and inside of the capture.
        #[pin]
        work: Option<F>,
    }
}

impl<F: Future<Output = ()>> Future for Captured<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let _here = Routed::to(Route::Capture(this.capture.clone()));
        let Some(work) = this.work.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        let answer = work.poll(cx);
        if answer.is_ready() {
            this.work.set(None);
        }
        answer
    }
}

/// The words of what was captured, for whoever reads them in a way of its own.
#[cfg(feature = "otlp")]
pub(crate) fn capture_words(work: impl FnOnce()) -> Vec<Vec<u64>> {
    let capture = Capturing::new().begin();
    {
        let _here = Routed::to(Route::Capture(capture.clone()));
        work();
    }
    taken(&capture)
}

#[inline]
fn taken(capture: &Capture) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    capture.outbox.take(&mut pages);
    pages.into_iter().map(Words::into_plain).collect()
}

#[inline]
fn collect(capture: &Capture) -> Spans {
    let mut pages = taken(capture);
    let mut stats = Stats::default();
    stats.add(capture.outbox.counts());
    if capture.compresses {
        stats.settle_folded(pages.iter_mut().map(|words| compress_all(words)).sum());
    }
    let mut clock = Calibration::start();
    clock.refresh();
    let mut assembler = Assembler::default();
    let mut decoder = Decoder::new(&clock);
    read::read_all(&pages, &mut assembler, &mut decoder);
    assembler.finish(Hurry::Yes, &mut decoder);
    let mut spans = decoder.into_spans();
    let mut foreign = capture.foreign.lock().unwrap_or_else(PoisonError::into_inner);
    if !foreign.is_empty() {
        spans.append(&mut foreign);
        let begun = capture.begun.lock().unwrap_or_else(PoisonError::into_inner);
        sort_by_number(&mut spans, |span| {
            begun.get(&span.span_id).map_or(span.start_unix_ns, |tick| clock.unix_ns(*tick))
        });
    }
    drop(foreign);
    stats.settle(spans.len() as u64, 0);
    Spans { spans, stats }
}

/// What was captured, by the time of its beginning.
#[derive(Clone, Debug)]
pub struct Spans {
    spans: Vec<Span>,
    stats: Stats,
}

impl Spans {
    /// What became of the captured spans.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The first span of this name.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn named(&self, name: &str) -> &Span {
        match self.spans.iter().find(|span| span.name == name) {
            Some(span) => span,
            None => panic!("no span is called `{name}`; there are {self}"),
        }
    }

    /// The children of a span, by the time of their beginning.
    pub fn children(&self, of: &Span) -> impl Iterator<Item = &Span> {
        let (trace, id) = (of.trace_id, of.span_id);
        self.spans.iter().filter(move |span| span.trace_id == trace && span.parent_id == id)
    }

    /// Spans whose parent is not among the captured ones.
    pub fn roots(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(|span| !self.spans.iter().any(|other| is_parent(other, span)))
    }

    #[inline]
    fn write(&self, span: &Span, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&span.name)?;
        self.write_all(self.children(span), "(", f)
    }

    #[inline]
    fn write_all<'s>(
        &self,
        spans: impl Iterator<Item = &'s Span>,
        open: &str,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let mut written = 0;
        for span in spans {
            f.write_str(if written == 0 { open } else { " " })?;
            self.write(span, f)?;
            written += 1;
        }
        if written > 0 && !open.is_empty() { f.write_str(")") } else { Ok(()) }
    }
}

fn is_parent(parent: &Span, child: &Span) -> bool {
    parent.trace_id == child.trace_id && parent.span_id == child.parent_id
}

/// The trees by name, siblings by the time of their beginning: `a(b(c) d) e`.
impl fmt::Display for Spans {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_all(self.roots(), "", f)
    }
}

impl Deref for Spans {
    type Target = [Span];

    fn deref(&self) -> &[Span] {
        &self.spans
    }
}
