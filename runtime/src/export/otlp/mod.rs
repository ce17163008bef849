//! OTLP over HTTP: what OpenTelemetry's collector, and most that stores traces, understands.
//!
//! - [`Settings`]: where to, and how. [`Otlp`]: the exporter.
//! - `encode`: bodies, straight from the records; `plain`: most of them; `notes`: what was said later;
//!   `places`: what is encoded once for each place; `span`: any
//!   decoded span; `value`: attributes; `usual`: most of them; `wire`: protobuf; `body` and `window`: where
//!   it goes.
//! - `courier`: bodies on their way while the next are written; `sender`: patience with a collector; `client`: one request; `pem`: its certificates; `gzip`: how it is made smaller; `answer`: what comes back.

mod answer;
mod body;
mod client;
mod courier;
mod encode;
mod gzip;
mod notes;
pub(crate) mod pem;
mod places;
mod plain;
#[doc(hidden)]
pub mod proof;
mod sender;
mod settings;
mod span;
mod usual;
mod value;
mod window;
mod wire;

#[cfg(feature = "init")]
pub use crate::config::otlp::Protocol;
pub use client::Error;
pub(crate) use encode::Said;
pub(crate) use sender::Settled;
#[cfg(feature = "init")]
pub(crate) use settings::is_ours;
pub use settings::{Compression, Pem, Retry, Settings};

use super::Export;
use super::resource::Resource;
use super::span::Span;
use crate::clock::Calibration;
use crate::pipeline::patience::Patience;
use crate::pipeline::read::{Recorded, Shape, Target, plain_trace_state};
use crate::propagation::TraceState;
use crate::sampling;
use crate::segment::decode::Chunk;
use crate::segment::record::RECORD;
use courier::{Courier, Parcel};
use encode::{Common, Encoder};
use plain::{Pause, Walk};
use sender::Sender;
use std::fmt;

/// Sends spans by OTLP over HTTP.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use traced::otlp::{Otlp, Settings};
///
/// let exporter = Otlp::new(&Settings::new("http://localhost:4318/v1/traces"))?;
/// let _traced = traced::builder().exporter(exporter).install()?;
/// # Ok(())
/// # }
/// ```
pub struct Otlp {
    encoder: Encoder,
    courier: Courier,
    settings: Settings,
    patience: Patience,
    settled: Settled,
    /// Words of the records that the present body was encoded from.
    words: usize,
    /// Nobody takes spans now, so that none is encoded.
    dormant: bool,
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Otlp").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What is left of the longest body for the last span that goes into it.
const LAST_SPAN: usize = 16 << 20;

impl Otlp {
    /// An exporter, if its settings make sense; it connects when there are spans.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let said = Said { code_attributes: true, ..Said::default() };
        let full_bytes = settings.body_bytes.min(client::MAX_BODY - LAST_SPAN);
        Ok(Self {
            encoder: Encoder::new(said, full_bytes, settings.max_spans.max(1)),
            courier: Courier::new(Sender::new(settings)?),
            settings: settings.clone(),
            patience: Patience::default(),
            settled: Settled::default(),
            words: 0,
            dormant: false,
        })
    }

    /// What the collector says before the first batch.
    pub(crate) fn introduce(&mut self, said: Said, patience: Patience) {
        let Encoder { full_bytes, full_spans, .. } = self.encoder;
        self.encoder = Encoder::new(said, full_bytes, full_spans);
        self.patience = patience;
    }

    /// Records are coming, from a collector that goes on while they are sent.
    pub(crate) fn go_on_meanwhile(&mut self) {
        self.courier.hire(&self.patience);
    }

    /// Where records go that came together.
    pub(crate) fn batch<'o>(&'o mut self, clock: &'o Calibration) -> Batch<'o> {
        self.dormant = self.courier.is_dormant();
        Batch { otlp: self, clock, common: None }
    }

    /// Takes in a span of another library, or one that has waited.
    pub(crate) fn add(&mut self, span: &mut Span) {
        if self.dormant {
            return self.give_up(1);
        }
        self.encoder.decoded(span);
        self.send_if_full();
    }

    /// Sends what is there.
    pub(crate) fn flush(&mut self) {
        let spans = self.encoder.spans() as u64;
        if spans == 0 {
            return;
        }
        if self.dormant {
            self.give_up(spans);
            self.encoder.clear();
        } else {
            let (body, start) = self.encoder.finish(self.courier.room());
            // Samplers with a budget want to know what a trace will weigh.
            sampling::note_sent(self.words, body.len() - start);
            let settled = self.courier.send(Parcel::new(body, start, spans), &self.patience);
            self.settled.add(settled);
            self.dormant = self.courier.is_dormant();
        }
        self.words = 0;
    }

    /// Hands over what is ready to be sent.
    pub(crate) fn hand_over(&mut self) {
        let given_up = self.courier.pump();
        self.settled.add(given_up);
        self.hurry_if_short();
    }

    /// The same; whether so much is ready that more need not be written now.
    pub(crate) fn is_behind(&mut self) -> bool {
        self.hand_over();
        self.courier.is_behind() && !self.patience.is_over()
    }

    /// The same for whether anything is on its way.
    pub(crate) fn is_busy(&mut self) -> bool {
        self.hand_over();
        !self.courier.is_idle() && !self.patience.is_over()
    }

    /// Whether nobody waits any longer for what is sent.
    pub(crate) fn is_over(&self) -> bool {
        self.patience.is_over()
    }

    fn hurry_if_short(&self) {
        if self.patience.is_short() {
            self.courier.hurry();
        }
    }

    /// How many spans are on their way, and how many had been settled in all at the same time.
    pub(crate) fn outstanding(&self) -> (u64, u64) {
        self.courier.outstanding()
    }

    /// Forgets the body that is being written.
    pub(crate) fn forget(&mut self) {
        self.encoder.clear();
        self.words = 0;
    }

    /// What became of spans since the last time, those apart that are sent while the collector goes on.
    pub(crate) fn settled(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }

    #[inline]
    fn send_if_full(&mut self) {
        if self.encoder.is_full() {
            self.flush();
        }
    }

    fn give_up(&mut self, spans: u64) {
        self.courier.skip(spans);
        self.settled.failed += spans;
    }
}

impl Export for Otlp {
    fn resource(&mut self, resource: &Resource) {
        self.encoder.set_resource(resource);
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.dormant = self.courier.is_dormant();
        for span in spans {
            self.add(&mut span.clone());
        }
        self.flush();
        Ok(())
    }

    fn again(&self) -> Option<Box<dyn Export>> {
        Self::new(&self.settings).ok().map(|again| Box::new(again) as Box<dyn Export>)
    }

    fn as_otlp(&mut self) -> Option<&mut Otlp> {
        Some(self)
    }
}

/// Records that came together.
pub(crate) struct Batch<'o> {
    otlp: &'o mut Otlp,
    clock: &'o Calibration,
    /// What the spans of the chunk that was begun have in common.
    common: Option<Common>,
}

impl Target for Batch<'_> {
    fn plain(&mut self, chunk: &Chunk<'_>, shape: Shape) {
        if self.otlp.dormant {
            return self.otlp.give_up(chunk.spans);
        }
        let trace_state = plain_trace_state(chunk);
        let common = Common::of(chunk, &trace_state);
        let mut walk = Walk::of(chunk, &trace_state, shape);
        loop {
            let before = walk.position();
            let pause = self.otlp.encoder.walk(&mut walk, &common, self.clock);
            self.otlp.words += walk.position() - before;
            match pause {
                Pause::Full => self.otlp.flush(),
                Pause::Done => return,
            }
        }
    }

    fn begin(&mut self, _: &Chunk<'_>, _: &TraceState) {
        self.common = None;
    }

    fn span(&mut self, span: &Recorded<'_, '_>) {
        if self.otlp.dormant {
            return self.otlp.give_up(1);
        }
        let Self { otlp, clock, common } = self;
        let common = common.get_or_insert_with(|| Common::of(span.chunk, span.trace_state));
        otlp.words += RECORD + span.record.payload.len();
        otlp.encoder.recorded(span, common, clock);
        otlp.send_if_full();
    }
}
