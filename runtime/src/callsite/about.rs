//! What the compiler knows about a place: written down by the macros, and never changed.

use super::name;
use std::borrow::Cow;
use std::panic::Location;

/// What the compiler knows about a place.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct About {
    /// What its spans are called.
    pub name: Name,
    /// The module, or what `target = "…"` says.
    pub target: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
    /// The level, for filters.
    pub level: Level,
    /// The kind of span.
    pub kind: SpanKind,
    /// The keys of its attributes; records name them by position.
    pub keys: &'static [&'static str],
    /// At or over this many nanoseconds a span of this place is slow; zero: never.
    pub slow_ns: u64,
    /// Which part of its spans is recorded, each with all that is inside of it: from 0.0 to 1.0, all.
    pub sample: f64,
    /// How many of its spans are recorded in a second, each with all that is inside of it; zero: no limit.
    pub limit_per_second: f64,
    /// Many of its spans in a row stay many, each by itself.
    pub uncompressed: bool,
    /// Inside of its spans the context of OpenTelemetry is exactly the span.
    pub attach: bool,
}

/// How a place got its name.
#[derive(Clone, Copy, Debug)]
pub enum Name {
    /// Written by the user.
    Literal(&'static str),
    /// The compiler's own path to an item inside the annotated function.
    Path(fn() -> &'static str),
}

impl Name {
    /// What spans of the place are called, found out now.
    pub(crate) fn now(self) -> Cow<'static, str> {
        match self {
            Self::Literal(name) => name.into(),
            Self::Path(path) => name::normalise(path()).into(),
        }
    }

    /// The path of the function, as the compiler has it; nothing where the user named the place.
    #[cfg_attr(
        not(any(feature = "otlp", feature = "sdk")),
        allow(dead_code, reason = "exporters ask for it")
    )]
    pub(crate) fn function(self) -> Option<String> {
        match self {
            Self::Literal(_) => None,
            Self::Path(path) => name::qualify(path()),
        }
    }
}

/// How much somebody must want to see a place; the filter `TRACED` compares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// The role of a span in a conversation, as OpenTelemetry names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SpanKind {
    /// Work inside the process.
    #[default]
    Internal,
    /// Answers a request of somebody else.
    Server,
    /// Sends a request and waits for the answer.
    Client,
    /// Puts a message somewhere.
    Producer,
    /// Takes a message from somewhere.
    Consumer,
}

impl About {
    /// What holds where nothing is said.
    pub(super) const UNSAID: Self = Self::new(Name::Literal(""), "", "", 0);

    /// A place like that of [`Callsite::path`](super::Callsite::path), of which more is said.
    #[track_caller]
    pub const fn path(
        path: fn() -> &'static str,
        target: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        let place = Location::caller();
        Self::new(Name::Path(path), target, place.file(), place.line()).keys(keys)
    }

    /// The same under a name that somebody wrote.
    #[track_caller]
    pub const fn named(
        name: &'static str,
        target: &'static str,
        keys: &'static [&'static str],
    ) -> Self {
        let place = Location::caller();
        Self::new(Name::Literal(name), target, place.file(), place.line()).keys(keys)
    }

    /// A place of level info and kind internal, without keys. The macros fill in the rest.
    pub const fn new(name: Name, target: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            target,
            file,
            line,
            level: Level::Info,
            kind: SpanKind::Internal,
            keys: &[],
            slow_ns: 0,
            sample: 1.0,
            limit_per_second: 0.0,
            uncompressed: false,
            attach: false,
        }
    }

    /// With these attribute keys.
    #[must_use]
    pub const fn keys(mut self, keys: &'static [&'static str]) -> Self {
        self.keys = keys;
        self
    }

    /// With this level.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// With this kind.
    #[must_use]
    pub const fn kind(mut self, kind: SpanKind) -> Self {
        self.kind = kind;
        self
    }

    /// With this threshold.
    #[must_use]
    pub const fn slow_ns(mut self, slow_ns: u64) -> Self {
        self.slow_ns = slow_ns;
        self
    }

    /// With this part of its spans.
    #[must_use]
    pub const fn sample(mut self, sample: f64) -> Self {
        self.sample = sample;
        self
    }

    /// With at most so many spans a second.
    #[must_use]
    pub const fn limit_per_second(mut self, limit: f64) -> Self {
        self.limit_per_second = limit;
        self
    }

    /// With each of its spans by itself, however many there are in a row.
    #[must_use]
    pub const fn uncompressed(mut self) -> Self {
        self.uncompressed = true;
        self
    }

    /// With the context of OpenTelemetry set to each span.
    #[must_use]
    pub const fn attach(mut self) -> Self {
        self.attach = true;
        self
    }
}
