//! For our own tests and benches: the same records, decoded and encoded. It is `#[inline]`, so that only they compile
//! it.

use super::encode::{Common, Encoder, Said};
use super::plain::{Pause, Walk};
use crate::clock::Calibration;
use crate::export::span::{Limits, Resource, Span};
use crate::pipeline::assemble::{Assembler, Decoder, Hurry};
use crate::pipeline::read::{Recorded, Shape, Target, plain_trace_state, read_all};
use crate::propagation::TraceState;
use crate::segment::decode::Chunk;

/// Records as they left their threads.
#[derive(Debug)]
pub struct Recording {
    pages: Vec<Vec<u64>>,
    clock: Calibration,
}

/// Records the traces that begin in `work`.
pub fn record(work: impl FnOnce()) -> Recording {
    let pages = crate::test::capture_words(work);
    let mut clock = Calibration::start();
    clock.refresh();
    Recording { pages, clock }
}

impl Recording {
    /// The words of its records, for whoever wants to break them.
    #[cfg(fuzzing)]
    pub fn words(&mut self) -> impl Iterator<Item = &mut u64> {
        self.pages.iter_mut().flatten()
    }

    /// All spans, decoded.
    #[inline]
    pub fn spans(&self) -> Vec<Span> {
        let mut assembler = Assembler::default();
        let mut decoder = Decoder::new(&self.clock);
        read_all(&self.pages, &mut assembler, &mut decoder);
        assembler.finish(Hurry::Yes, &mut decoder);
        decoder.into_spans()
    }

    /// All spans in one body, by an encoder that is used again.
    #[inline]
    pub fn encode<'e>(&self, encoder: &'e mut Reused) -> &'e [u8] {
        let encoder = &mut encoder.0;
        encoder.clear();
        let mut assembler = Assembler::default();
        let mut target = Encoding { encoder, clock: &self.clock, common: None };
        read_all(&self.pages, &mut assembler, &mut target);
        let mut decoder = Decoder::new(&self.clock);
        assembler.finish(Hurry::Yes, &mut decoder);
        for mut span in decoder.into_spans() {
            encoder.decoded(&mut span);
        }
        encoder.finished()
    }
}

/// An encoder that is used again.
#[derive(Debug)]
pub struct Reused(Encoder);

impl Reused {
    /// One under these limits.
    #[inline]
    pub fn new(limits: Limits, code_attributes: bool, resource: Resource) -> Self {
        let said = Said { limits, code_attributes, resource };
        Self(Encoder::new(said, usize::MAX, usize::MAX))
    }

    /// Decoded spans in one body.
    #[inline]
    pub fn encode_decoded(&mut self, spans: &[Span]) -> &[u8] {
        self.0.clear();
        for span in spans {
            self.0.decoded(&mut span.clone());
        }
        self.0.finished()
    }
}

struct Encoding<'a> {
    encoder: &'a mut Encoder,
    clock: &'a Calibration,
    common: Option<Common>,
}

impl Target for Encoding<'_> {
    fn plain(&mut self, chunk: &Chunk<'_>, shape: Shape) {
        let trace_state = plain_trace_state(chunk);
        let common = Common::of(chunk, &trace_state);
        let mut walk = Walk::of(chunk, &trace_state, shape);
        while self.encoder.walk(&mut walk, &common, self.clock) == Pause::Full {}
    }

    fn begin(&mut self, _: &Chunk<'_>, _: &TraceState) {
        self.common = None;
    }

    fn span(&mut self, span: &Recorded<'_, '_>) {
        let common = self.common.get_or_insert_with(|| Common::of(span.chunk, span.trace_state));
        self.encoder.recorded(span, common, self.clock);
    }
}

/// What a collector's answer means, at this time.
#[cfg(fuzzing)]
pub fn answer(
    status: u16,
    retry_after: Option<&str>,
    body: &[u8],
    now: std::time::SystemTime,
) -> impl std::fmt::Debug + PartialEq {
    super::answer::Answer::of(status, retry_after, body, now)
}
