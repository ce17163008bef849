//! What comes along with a request, as OpenTelemetry's contexts have it.

use crate::propagation::Baggage;
use opentelemetry::Context;
use opentelemetry::baggage::{BaggageExt, BaggageMetadata, KeyValueMetadata};

/// The same context with what came along, as OpenTelemetry has it.
pub(crate) fn add(context: Context, baggage: &Baggage) -> Context {
    if baggage.is_empty() {
        return context;
    }
    let values = baggage.iter().zip(baggage.members());
    let members = values.map(|((key, value), (_, _, properties))| {
        let metadata = BaggageMetadata::from(properties.trim_start_matches(';'));
        KeyValueMetadata::new(key.to_owned(), value.into_owned(), metadata)
    });
    context.with_baggage(members.collect::<Vec<_>>())
}

/// What others put into a context to come along.
pub(crate) fn of(context: &Context) -> Option<Baggage> {
    let theirs = context.baggage();
    if theirs.is_empty() {
        return None;
    }
    let mut baggage = Baggage::EMPTY;
    for (key, (value, metadata)) in theirs {
        let properties = match metadata.as_str() {
            "" => String::new(),
            some => format!(";{some}"),
        };
        // What no header can say is left out.
        let added = baggage.with_properties(key.as_str(), value.as_str(), &properties);
        baggage = added.unwrap_or(baggage);
    }
    Some(baggage)
}
