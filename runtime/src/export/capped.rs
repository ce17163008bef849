//! An exporter that is told less than the others.

use super::Export;
use super::span::{Attribute, Key, Resource, Span, Status};
use crate::redact::Cap;
use std::error::Error;

/// Tells an exporter at most so much of any value, whatever policies say: `Capped::new(exporter, Cap::Len)`.
///
/// Values are known here by what was recorded of them, so that a cap is applied more strictly than where they are
/// recorded: texts become their lengths under [`Cap::Len`], and everything else becomes the marker. Names, keys and
/// what this crate itself says of a span (`error.type`, `traced.…`, `code.…`) stay.
#[derive(Debug)]
pub struct Capped<E> {
    exporter: E,
    cap: Cap,
}

impl<E: Export> Capped<E> {
    /// The exporter under this cap.
    pub fn new(exporter: E, cap: Cap) -> Self {
        Self { exporter, cap }
    }
}

impl<E: Export> Export for Capped<E> {
    fn resource(&mut self, resource: &Resource) {
        self.exporter.resource(resource);
    }

    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.cap == Cap::Declared {
            return self.exporter.export(spans);
        }
        let mut spans = spans.to_vec();
        for span in &mut spans {
            self.tighten(&mut span.attributes);
            span.events.iter_mut().for_each(|event| self.tighten(&mut event.attributes));
            span.links.iter_mut().for_each(|link| self.tighten(&mut link.attributes));
            if let Status::Error(description) = &mut span.status {
                if !description.is_empty() {
                    *description = MARKER.into();
                }
            }
        }
        self.exporter.export(&spans)
    }

    fn most_spans(&self) -> usize {
        self.exporter.most_spans()
    }

    fn flush(&mut self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.exporter.flush()
    }

    fn again(&self) -> Option<Box<dyn Export>> {
        let again = Capped { exporter: self.exporter.again()?, cap: self.cap };
        Some(Box::new(again))
    }
}

const MARKER: &str = "[redacted]";

impl<E> Capped<E> {
    fn tighten(&self, attributes: &mut [(Key, Attribute)]) {
        for (_, value) in attributes.iter_mut().filter(|(key, _)| !is_ours(key)) {
            *value = match value {
                Attribute::Text(text) if text == MARKER => continue,
                #[allow(clippy::cast_possible_wrap, reason = "a text in memory")]
                Attribute::Text(text) if self.cap == Cap::Len => Attribute::I64(text.len() as i64),
                _ => Attribute::from(MARKER),
            };
        }
    }
}

/// What this crate says of a span, which is no data.
fn is_ours(key: &str) -> bool {
    key == "error.type" || key.starts_with("traced.") || key.starts_with("code.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::memory::Memory;
    use crate::id::{SpanId, TraceId};

    fn told(cap: Cap) -> Vec<Attribute> {
        let memory = Memory::new();
        let mut span = Span::new("it", TraceId::from_halves(1, 1), SpanId::from_u64(1));
        span.attributes = vec![
            ("text".into(), "secret".into()),
            ("number".into(), 7.into()),
            ("marked".into(), MARKER.into()),
            ("error.type".into(), "Declined".into()),
        ];
        span.status = Status::Error("secret".into());
        Capped::new(memory.clone(), cap).export(&[span]).unwrap();
        let span = memory.take().remove(0);
        let is_declared = cap == Cap::Declared;
        assert_eq!(span.status == Status::Error("secret".into()), is_declared);
        span.attributes.into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn an_exporter_is_told_at_most_its_cap() {
        let all = |first: Attribute, second: Attribute| {
            vec![first, second, MARKER.into(), "Declined".into()]
        };
        assert_eq!(told(Cap::Declared), all("secret".into(), 7.into()));
        assert_eq!(told(Cap::Len), all(6.into(), MARKER.into()));
        for cap in [Cap::Strict, Cap::Hash, Cap::Last] {
            assert_eq!(told(cap), all(MARKER.into(), MARKER.into()));
        }
    }
}
