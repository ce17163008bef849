//! The layer.

use crate::places::{Place, Places};
use crate::stack::{self, Open};
use crate::twice;
use crate::values::Told;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use traced::__integration::{Parent, fail, happened, is_off, is_recording, say};
use tracing_core::dispatcher::WeakDispatch;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

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
    /// All layers together, this one among them.
    dispatch: OnceLock<WeakDispatch>,
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

    /// Nothing yet of this place, unless it is off.
    fn to_be_told(&self, metadata: &'static Metadata<'static>) -> Option<Told<'static>> {
        let place = self.place(metadata);
        (!is_off(place.site)).then(|| Told::new(place))
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

    fn parent<S>(&self, attributes: &Attributes<'_>, ctx: &Context<'_, S>) -> Parent
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        if attributes.is_root() {
            return Parent::Root;
        }
        let Some(named) = attributes.parent() else { return Parent::Current };
        // One that is not recorded stands for what is around it.
        let mut scope = ctx.span_scope(named).into_iter().flatten();
        let open = scope.find_map(|span| self.open(&span.id(), ctx));
        open.map_or(Parent::Current, |open| Parent::Of(open.context.clone()))
    }

    /// A span that is recorded, and was made before now.
    fn open<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<Arc<Open>>
    where
        S: Subscriber + for<'l> LookupSpan<'l>,
    {
        // Whoever exports the same spans has not changed since the first one.
        if twice::CAN_LOOK && !self.has_looked.load(Relaxed) {
            let dispatch = self.dispatch.get().and_then(WeakDispatch::upgrade);
            let is_there = ctx.span(id).is_some();
            if dispatch.is_some_and(|all| is_there && twice::is_exported_somewhere(id, &all)) {
                self.fall_silent();
            }
            self.has_looked.store(true, Relaxed);
        }
        if self.is_silent() {
            return None;
        }
        let span = ctx.span(id)?;
        let open = span.extensions().get::<Arc<Open>>().cloned();
        if twice::CAN_LOOK { open.or_else(|| open_late(&span)) } else { open }
    }
}

/// A span that was made before anybody knew whether it is ours.
struct Waiting {
    told: Told<'static>,
    parent: Parent,
}

/// Opens such a span, as soon as somebody asks for it.
fn open_late<'l, S: LookupSpan<'l>>(span: &SpanRef<'l, S>) -> Option<Arc<Open>> {
    let Waiting { told, parent } = span.extensions_mut().remove()?;
    let (opened, context) = told.open(&parent)?;
    let open = Open::new(opened, context);
    span.extensions_mut().insert(open.clone());
    Some(open)
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

    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.dispatch.set(dispatch.downgrade()).ok();
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        if self.is_silent() {
            return;
        }
        let Some(mut told) = self.to_be_told(attributes.metadata()) else { return };
        attributes.record(&mut told);
        let parent = self.parent(attributes, &ctx);
        let Some(known) = ctx.span(id) else { return };
        if twice::CAN_LOOK && !self.has_looked.load(Relaxed) {
            // Whose the first spans are is known when somebody asks for one of them.
            let parent = match parent {
                Parent::Current => Parent::Of(traced::current()),
                named => named,
            };
            known.extensions_mut().insert(Waiting { told, parent });
        } else if let Some((span, context)) = told.open(&parent) {
            known.extensions_mut().insert(Open::new(span, context));
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, ctx: Context<'_, S>) {
        let (Some(open), Some(span)) = (self.open(id, &ctx), ctx.span(id)) else { return };
        let place = self.place(span.metadata());
        let mut told = Told::new(place);
        record.record(&mut told);
        if !told.is_empty() {
            open.say(|| say(place.site, &told.values()));
        }
    }

    fn on_follows_from(&self, id: &Id, cause: &Id, ctx: Context<'_, S>) {
        if let (Some(open), Some(cause)) = (self.open(id, &ctx), self.open(cause, &ctx)) {
            open.say(|| traced::link(&cause.context));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if self.is_silent() {
            return;
        }
        // A parent that is named, and known to us; otherwise whatever is current, which may be ours.
        let named = event.parent().and_then(|id| self.open(id, &ctx));
        if event.is_root() || named.is_none() && !is_recording() {
            return;
        }
        let Some(mut told) = self.to_be_told(event.metadata()) else { return };
        event.record(&mut told);
        let is_error = *event.metadata().level() == Level::ERROR;
        // An error that is logged in a span of `tracing` is that span's; of ours what is returned says how it went.
        let inner = ctx.event_span(event).filter(|_| is_error).map(|span| span.id());
        let inner = inner.and_then(|id| self.open(&id, &ctx));
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
        if let Some(open) = self.open(id, &ctx) {
            stack::enter(id.into_u64(), open);
        }
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        stack::leave(id.into_u64());
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if let Some(open) = self.open(&id, &ctx) {
            open.end();
        }
    }
}
