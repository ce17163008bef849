//! The formats of `traced::propagation` as a propagator of OpenTelemetry.

use super::baggage;
use crate::context;
use crate::hook;
use crate::propagation::{self, Headers, Propagators};
use crate::segment::thread::hot;
use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{self as theirs, Extractor, Injector};
use opentelemetry::trace::TraceContextExt;

/// Reads and writes the formats that the process [chose](crate::propagation::choose), strictly; writes the
/// innermost span, ours or another library's.
#[derive(Clone, Debug)]
pub struct TextMapPropagator {
    propagators: Propagators,
    fields: Vec<String>,
}

impl Default for TextMapPropagator {
    fn default() -> Self {
        Self::new()
    }
}

impl TextMapPropagator {
    /// The formats of the process.
    pub fn new() -> Self {
        Self::of(propagation::propagators().clone())
    }

    /// These formats.
    pub fn of(propagators: Propagators) -> Self {
        hook::install();
        let fields = propagators.fields().map(str::to_owned).collect();
        Self { propagators, fields }
    }
}

impl theirs::TextMapPropagator for TextMapPropagator {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let ours = hot(|hot| hook::meant(hot, context));
        let along = baggage::of(context).unwrap_or_else(|| ours.baggage());
        self.propagators.write(&ours, &along, &mut |name, value| {
            injector.set(name, value.to_owned());
        });
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let received = self.propagators.extract(&Extracted(extractor));
        let context::Kin::Remote(remote) = received.kin() else { return context.clone() };
        let with_baggage = baggage::add(context.clone(), &remote.baggage);
        if received.is_none() {
            return with_baggage;
        }
        with_baggage
            .with_value(hook::Received(remote.clone()))
            .with_remote_span_context(hook::span_context(&received, true))
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

struct Extracted<'e>(&'e dyn Extractor);

impl Headers for Extracted<'_> {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        for value in self.0.get_all(name).into_iter().flatten() {
            each(value);
        }
    }
}
