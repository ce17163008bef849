//! The layer.

use crate::places::{Place, Places};
use crate::stack::{self, Open};
use crate::twice;
use crate::values::Told;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use traced::__integration::{Bridged, Parent, fail, happened, is_recording, say};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Turns spans and events of `tracing` into ours.
///
/// ```
/// use tracing_subscriber::{Registry, layer::SubscriberExt};
/// use traced_tracing::Bridge;
///
/// let subscriber = Registry::default().with(Bridge::new());
/// # let _guard = tracing_core::dispatcher::set_default(&tracing_core::Dispatch::new(subscriber));
/// ```
#[derive(Debug, Default)]
pub struct Bridge {
    public: Vec<(String, Vec<String>)>,
    places: Places,
    /// Somebody else exports the same spans.
    is_silent: AtomicBool,
    has_looked: AtomicBool,
}

impl Bridge {
    /// Tells names, levels, numbers, and messages that are literals.
    pub fn new() -> Self {
        Self::default()
    }

    /// These fields are public in spans and events of this target and of the modules in it, whatever they hold: text as
    /// it is, other values by their `Debug`. `message` is a field too, of events whose message is formatted.
    #[must_use]
    pub fn public<F: Into<String>>(
        mut self,
        target: impl Into<String>,
        fields: impl IntoIterator<Item = F>,
    ) -> Self {
        self.public.push((target.into(), fields.into_iter().map(Into::into).collect()));
        self
    }

    fn place(&self, metadata: &'static Metadata<'static>) -> &'static Place {
        self.places.of(metadata, |target, field| self.is_public(target, field))
    }

    fn is_public(&self, target: &str, field: &str) -> bool {
        let is_in = |module: &str| {
            target
                .strip_prefix(module)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        self.public
            .iter()
            .any(|(module, fields)| is_in(module) && fields.iter().any(|f| f == field))
    }

    fn is_silent(&self) -> bool {
        self.is_silent.load(Relaxed)
    }

    fn fall_silent(&self) {
        if !self.is_silent.swap(true, Relaxed) {
            twice::tell();
        }
    }

    fn parent<S>(attributes: &Attributes<'_>, ctx: &Context<'_, S>) -> Parent
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        if attributes.is_root() {
            return Parent::Root;
        }
        let Some(named) = attributes.parent() else { return Parent::Current };
        // One that is not recorded stands for what is around it.
        let open = ctx.span_scope(named).into_iter().flatten().find_map(|span| open_of(&span));
        open.map_or(Parent::Current, |open| Parent::Of(open.context.clone()))
    }
}

fn open_of<'l, S: LookupSpan<'l>>(
    span: &tracing_subscriber::registry::SpanRef<'l, S>,
) -> Option<Arc<Open>> {
    span.extensions().get::<Arc<Open>>().cloned()
}

fn open<S>(id: &Id, ctx: &Context<'_, S>) -> Option<Arc<Open>>
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    open_of(&ctx.span(id)?)
}

impl<S> Layer<S> for Bridge
where
    S: Subscriber + for<'l> LookupSpan<'l>,
{
    fn on_layer(&mut self, _: &mut S) {
        if twice::is_exported_by::<S>() {
            self.fall_silent();
        }
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if self.is_silent() {
            return;
        }
        let place = self.place(attributes.metadata());
        let mut told = Told::new(place);
        attributes.record(&mut told);
        let parent = Self::parent(attributes, &ctx);
        let opened = Bridged::open(place.site, &parent, &told.values());
        if let (Some((span, context)), Some(known)) = (opened, ctx.span(id)) {
            known.extensions_mut().insert(Open::new(span, context));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, ctx: Context<'_, S>) {
        let (Some(open), Some(span)) = (open(id, &ctx), ctx.span(id)) else { return };
        let place = self.place(span.metadata());
        let mut told = Told::new(place);
        record.record(&mut told);
        if !told.is_empty() {
            open.say(|| say(place.site, &told.values()));
        }
    }

    fn on_follows_from(&self, id: &Id, cause: &Id, ctx: Context<'_, S>) {
        if let (Some(open), Some(cause)) = (open(id, &ctx), open(cause, &ctx)) {
            open.say(|| traced::link(&cause.context));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if self.is_silent() {
            return;
        }
        // A parent that is named, and known to us; otherwise whatever is current, which may be ours.
        let named = event.parent().and_then(|id| open(id, &ctx));
        if event.is_root() || named.is_none() && !is_recording() {
            return;
        }
        let place = self.place(event.metadata());
        let mut told = Told::new(place);
        event.record(&mut told);
        let is_error = *event.metadata().level() == Level::ERROR;
        // An error that is logged in a span of `tracing` is that span's; of ours what is returned says how it went.
        let inner = ctx.event_span(event).filter(|_| is_error).and_then(|span| open_of(&span));
        let say_it = || {
            happened(told.site(), &told.with_level());
            let here = traced::current().span_id();
            if inner.is_some_and(|inner| inner.context.span_id() == here) {
                fail();
            }
        };
        match named {
            Some(open) => open.say(say_it),
            None => say_it(),
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        // Whoever exports the same spans has not changed since the first one.
        if !self.has_looked.load(Relaxed) {
            self.has_looked.store(true, Relaxed);
            if twice::is_exported_somewhere(id) {
                self.fall_silent();
            }
        }
        if let Some(open) = open(id, &ctx).filter(|_| !self.is_silent()) {
            stack::enter(id.into_u64(), open);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        stack::leave(id.into_u64());
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if let Some(open) = open(&id, &ctx) {
            open.end();
        }
    }
}
