//! How much of a span goes out.

use super::span::{Attribute, Key, Span};

/// How much of a span goes out: OpenTelemetry's span limits. What is over a limit is left out and counted on
/// the span.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Attributes of a span, those about its place included.
    pub attributes: usize,
    /// Characters of a text in an attribute; without a number, as many as were recorded.
    pub value_length: Option<usize>,
    /// Events of a span.
    pub events: usize,
    /// Links of a span.
    pub links: usize,
    /// Attributes of an event.
    pub event_attributes: usize,
    /// Attributes of a link.
    pub link_attributes: usize,
}

impl Limits {
    /// The same for everything.
    const DEFAULT_COUNT: usize = 128;

    /// What is kept in memory of a span of another library before these are asked.
    #[cfg(feature = "otel")]
    pub(crate) const MOST: usize = 1024;
}

impl Default for Limits {
    /// 128 of each, and texts as they are.
    fn default() -> Self {
        Self {
            attributes: Self::DEFAULT_COUNT,
            value_length: None,
            events: Self::DEFAULT_COUNT,
            links: Self::DEFAULT_COUNT,
            event_attributes: Self::DEFAULT_COUNT,
            link_attributes: Self::DEFAULT_COUNT,
        }
    }
}

impl Limits {
    /// Shortens a span, and counts on it what was left out.
    pub(crate) fn apply(&self, span: &mut Span) {
        shorten(&mut span.attributes, self.attributes, &mut span.dropped_attributes);
        shorten(&mut span.events, self.events, &mut span.dropped_events);
        shorten(&mut span.links, self.links, &mut span.dropped_links);
        for event in &mut span.events {
            shorten(&mut event.attributes, self.event_attributes, &mut event.dropped_attributes);
        }
        for link in &mut span.links {
            shorten(&mut link.attributes, self.link_attributes, &mut link.dropped_attributes);
        }
        if let Some(length) = self.value_length {
            cut_texts(&mut span.attributes, length);
            span.events.iter_mut().for_each(|event| cut_texts(&mut event.attributes, length));
            span.links.iter_mut().for_each(|link| cut_texts(&mut link.attributes, length));
        }
    }
}

fn shorten<T>(list: &mut Vec<T>, limit: usize, dropped: &mut u32) {
    let over = list.len().saturating_sub(limit);
    list.truncate(limit);
    *dropped = dropped.saturating_add(u32::try_from(over).unwrap_or(u32::MAX));
}

fn cut_texts(attributes: &mut [(Key, Attribute)], length: usize) {
    for (_, value) in attributes {
        match value {
            Attribute::Text(text) => text.truncate(cut(text, length).len()),
            Attribute::Texts(all) => {
                for text in all {
                    text.truncate(cut(text, length).len());
                }
            }
            _ => {}
        }
    }
}

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, length: usize) -> &str {
    match text.char_indices().nth(length) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::span::{Event, Link, SpanId, TraceId};

    fn span() -> Span {
        let (trace, id) = (TraceId::from_u128(1), SpanId::from_u64(1));
        let mut span = Span::new("span", trace, id);
        for key in ["a", "b", "c"] {
            span.attributes.push((key.into(), "äbc".into()));
            span.links.push(Link::new(trace, id));
            span.events.push(Event::new(key, 0));
            span.events[0].attributes.push((key.into(), Attribute::Texts(vec!["äbc".into()])));
            span.links[0].attributes.push((key.into(), 7.into()));
        }
        span.dropped_attributes = 1;
        span
    }

    #[test]
    fn what_is_over_a_limit_is_left_out_and_counted() {
        let mut span = span();
        let limits = Limits {
            attributes: 2,
            value_length: Some(2),
            events: 1,
            links: 0,
            event_attributes: 1,
            link_attributes: 2,
        };
        limits.apply(&mut span);
        assert_eq!((span.attributes.len(), span.dropped_attributes), (2, 2));
        assert_eq!((span.events.len(), span.dropped_events), (1, 2));
        assert_eq!((span.links.len(), span.dropped_links), (0, 3));
        let event = &span.events[0];
        assert_eq!((event.attributes.len(), event.dropped_attributes), (1, 2));
        assert_eq!(event.attributes[0].1, Attribute::Texts(vec!["äb".into()]));
        assert_eq!(span.attribute("b"), Some(&"äb".into()), "characters, not bytes");
    }

    #[test]
    fn what_is_within_the_limits_stays() {
        let mut span = span();
        Limits::default().apply(&mut span);
        assert_eq!((span.attributes.len(), span.events.len(), span.links.len()), (3, 3, 3));
        assert_eq!(span.attribute("a"), Some(&"äbc".into()));
    }
}
