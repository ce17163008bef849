//! Which formats headers are read and written in, and in what order.

use super::headers::Headers;
use super::{Baggage, b3, baggage, datadog, jaeger, trace_context};
use crate::context::{Context, Remote};
use std::fmt;
use std::str::FromStr;

/// A format of headers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Format {
    /// `tracecontext`: W3C Trace Context, `traceparent` and `tracestate`.
    TraceContext,
    /// `baggage`: W3C Baggage.
    Baggage,
    /// `b3`: Zipkin's in one header. Both are read.
    B3,
    /// `b3multi`: Zipkin's in several headers. Both are read.
    B3Multi,
    /// `jaeger`: `uber-trace-id`.
    Jaeger,
    /// `datadog`: `x-datadog-trace-id` and its companions.
    Datadog,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] =
        [Self::TraceContext, Self::Baggage, Self::B3, Self::B3Multi, Self::Jaeger, Self::Datadog];

    /// What it is called in `OTEL_PROPAGATORS`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TraceContext => "tracecontext",
            Self::Baggage => "baggage",
            Self::B3 => "b3",
            Self::B3Multi => "b3multi",
            Self::Jaeger => "jaeger",
            Self::Datadog => "datadog",
        }
    }

    /// The headers that it writes.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::TraceContext => &[trace_context::TRACEPARENT, trace_context::TRACESTATE],
            Self::Baggage => &[baggage::BAGGAGE],
            Self::B3 => &[b3::SINGLE],
            Self::B3Multi => &[b3::TRACE_ID, b3::SPAN_ID, b3::SAMPLED, b3::FLAGS],
            Self::Jaeger => &[jaeger::UBER_TRACE_ID],
            Self::Datadog => {
                &[datadog::TRACE_ID, datadog::PARENT_ID, datadog::PRIORITY, datadog::TAGS]
            }
        }
    }

    /// The headers that it reads.
    const fn read(self) -> &'static [&'static str] {
        match self {
            Self::B3 | Self::B3Multi => b3::ALL,
            other => other.fields(),
        }
    }

    fn extract(self, headers: &dyn Headers) -> Option<Remote> {
        match self {
            Self::TraceContext => trace_context::extract(headers),
            Self::Baggage => None,
            Self::B3 | Self::B3Multi => b3::extract(headers),
            Self::Jaeger => jaeger::extract(headers),
            Self::Datadog => datadog::extract(headers),
        }
    }

    fn inject(self, context: &Context, along: &Baggage, set: &mut dyn FnMut(&'static str, &str)) {
        if self == Self::Baggage {
            return baggage::inject(along, set);
        }
        if context.is_none() {
            return;
        }
        match self {
            Self::TraceContext => trace_context::inject(context, set),
            Self::B3 => b3::inject_single(context, set),
            Self::B3Multi => b3::inject_multi(context, set),
            Self::Jaeger => jaeger::inject(context, set),
            Self::Datadog => datadog::inject(context, set),
            Self::Baggage => {}
        }
    }
}

/// Several formats at once, as `OTEL_PROPAGATORS` lists them.
///
/// All of them are written. All of them are read, and the last one that makes sense is believed. The
/// default is `tracecontext,baggage`.
///
/// ```
/// use std::collections::HashMap;
/// use traced::propagation::Propagators;
///
/// let propagators: Propagators = "b3,tracecontext".parse()?;
/// let headers = HashMap::from([("b3", "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1")]);
/// let caller = propagators.extract(&headers);
/// assert!(caller.is_sampled());
///
/// let mut sent = HashMap::<String, String>::new();
/// propagators.inject(&caller, &mut sent);
/// assert_eq!(sent["traceparent"], "00-80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-01");
/// # Ok::<(), traced::propagation::UnknownFormat>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Propagators {
    formats: Vec<Format>,
    /// The headers that they read.
    read: Vec<&'static str>,
}

impl Default for Propagators {
    fn default() -> Self {
        Self::new([Format::TraceContext, Format::Baggage])
    }
}

impl Propagators {
    /// These formats, each of them once.
    pub fn new(formats: impl IntoIterator<Item = Format>) -> Self {
        Self::each_once(&mut formats.into_iter())
    }

    fn each_once(formats: &mut dyn Iterator<Item = Format>) -> Self {
        let mut all = Vec::new();
        for format in formats {
            if !all.contains(&format) {
                all.push(format);
            }
        }
        let mut read = Vec::new();
        for format in &all {
            for name in format.read() {
                if !read.contains(name) {
                    read.push(*name);
                }
            }
        }
        Self { formats: all, read }
    }

    /// The formats in their order.
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    /// The headers that are written.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.formats.iter().flat_map(|format| format.fields().iter().copied())
    }

    /// Whether there may be something to [extract](Self::extract).
    #[inline]
    pub(crate) fn may_read(&self, headers: &impl Headers) -> bool {
        headers.may_have(&self.read)
    }

    /// What the headers say; [`Context::none`] if they say nothing, or nothing that makes sense.
    pub fn extract(&self, headers: &(impl Headers + ?Sized)) -> Context {
        self.extract_dyn(&By(headers))
    }

    fn extract_dyn(&self, headers: &dyn Headers) -> Context {
        if !headers.may_have(&self.read) {
            return Context::none();
        }
        let found = self.formats.iter().filter_map(|format| format.extract(headers)).last();
        let reads_baggage = self.formats.contains(&Format::Baggage);
        let baggage = if reads_baggage { baggage::extract(headers) } else { None };
        Context::received(found, baggage)
    }

    /// Writes a context into a carrier.
    pub fn inject(&self, context: &Context, carrier: &mut (impl super::Carrier + ?Sized)) {
        self.inject_with(context, &mut |name, value| carrier.set(name, value));
    }

    /// Hands the headers of a context to a closure.
    pub fn inject_with(&self, context: &Context, set: &mut dyn FnMut(&'static str, &str)) {
        self.write(context, &context.baggage(), set);
    }

    /// Writes a context, with this coming along in place of what came with it.
    pub(crate) fn write(
        &self,
        context: &Context,
        along: &Baggage,
        set: &mut dyn FnMut(&'static str, &str),
    ) {
        for format in &self.formats {
            format.inject(context, along, set);
        }
    }
}

/// Makes an object of what may have no size of its own.
struct By<'h, H: ?Sized>(&'h H);

impl<H: Headers + ?Sized> Headers for By<'_, H> {
    fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
        self.0.values(name, each);
    }

    fn may_have(&self, names: &[&'static str]) -> bool {
        self.0.may_have(names)
    }
}

/// A list as in `OTEL_PROPAGATORS`; `none`, alone, is the empty one.
impl FromStr for Propagators {
    type Err = UnknownFormat;

    fn from_str(list: &str) -> Result<Self, UnknownFormat> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<_> = names.collect();
        if names == ["none"] {
            return Ok(Self::new([]));
        }
        let find = |name: &str| {
            let known = Format::ALL.into_iter().find(|format| format.name() == name);
            known.ok_or_else(|| UnknownFormat(name.to_owned()))
        };
        let formats: Result<Vec<_>, _> = names.into_iter().map(find).collect();
        formats.map(Self::new)
    }
}

/// There is no format of this name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownFormat(String);

impl UnknownFormat {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown format `{}`, expected one of ", self.0)?;
        for format in Format::ALL {
            write!(f, "`{}`, ", format.name())?;
        }
        f.write_str("or `none` alone")
    }
}

impl std::error::Error for UnknownFormat {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Has everything that anybody asks for, in every form, and remembers who asked.
    struct Everything<'a>(&'a RefCell<Vec<&'static str>>, &'static str);

    impl Headers for Everything<'_> {
        fn values(&self, name: &'static str, each: &mut dyn FnMut(&str)) {
            self.0.borrow_mut().push(name);
            each(self.1);
        }
    }

    #[test]
    fn what_is_read_is_known_before() {
        for format in Format::ALL {
            let asked = RefCell::new(Vec::new());
            for value in ["1", "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "a=1"] {
                Propagators::new([format]).extract(&Everything(&asked, value));
            }
            let asked = asked.into_inner();
            assert!(!asked.is_empty());
            for name in asked {
                assert!(format.read().contains(&name), "{format:?} reads {name}");
            }
        }
    }
}
