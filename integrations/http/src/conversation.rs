//! A request and its answer, as one span.

use crate::grpc::{self, Status};
use crate::head::Head;
use crate::keys::{http as key, rpc};
use crate::places::{Place, Proof, Usual, Wanted};
use crate::{Listed, Side, answer, method};
use http::{Extensions, HeaderMap, Method, Response, Version};
use http_body::Body;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use traced::__integration::{
    Asking, Begun as First, Draw, Exchange, FirstVisit, Opened, Parent, Prepared, Value, Visit,
    is_anybody_listening,
};

/// What is known of a request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'r> {
    /// Its method.
    pub method: &'r Method,
    /// `http` or `https`; anything else is not told.
    pub scheme: Option<&'r str>,
    /// Its path. Told only of gRPC, where it names a method.
    pub path: &'r str,
    /// Its query. Told as far as it is listed.
    pub query: Option<&'r str>,
    /// Which server it is meant for.
    pub peer: Option<Peer<'r>>,
    /// The pattern that its path matched.
    pub route: Option<&'r str>,
    /// The version of the protocol, where it is known before the answer.
    pub version: Option<Version>,
    /// How often it was sent before.
    pub resends: u32,
    /// Its headers.
    pub headers: &'r HeaderMap,
    /// What is public of it.
    pub listed: Listed,
}

/// A server, by the name that the program knows it under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer<'r> {
    /// A name or an address.
    pub address: &'r str,
    /// A port.
    pub port: Option<u16>,
}

/// A span from a request to the end of its answer. Dropped before, it was cancelled.
#[derive(Debug)]
pub struct Conversation {
    pub(crate) exchange: Exchange,
    pub(crate) facts: Facts,
}

/// Whether the span of a request lasts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    GoOn,
    End,
}

impl Next {
    pub(crate) fn end_if(ends: bool) -> Self {
        if ends { Self::End } else { Self::GoOn }
    }

    #[inline]
    pub(crate) fn leave(self, visit: Visit<'_>) {
        match self {
            Self::GoOn => visit.pause(),
            Self::End => visit.end(),
        }
    }
}

/// What must be known when the answer comes.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Where there is a span.
    place: Option<&'static Place>,
    /// What few requests have, in a box: futures and bodies are moved with all that they hold.
    odd: Option<Box<Odd>>,
}

#[derive(Debug)]
enum Odd {
    /// The answer has no body, whatever its headers say.
    Head,
    /// A method of gRPC that may be made up, and is not told yet.
    Unproven(Box<str>),
}

impl Conversation {
    /// No span.
    pub const fn none() -> Self {
        Self { exchange: Exchange::none(), facts: Facts::NONE }
    }

    /// This process answers a request: a span of kind server, which continues the trace that its headers name. Without
    /// any, or where they are wrong, the trace is what is current, or a new one. Where nobody listens, or nobody would
    /// see the span, nobody asks for more.
    #[inline]
    pub fn served<'r>(head: Head<'r>, ask: impl FnOnce() -> Asked<'r>) -> Begun {
        if !is_anybody_listening() {
            return Begun::nothing();
        }
        match head.left_out() {
            Ok(exchange) => Begun::visited(exchange),
            Err(draw) => Begun::new(Side::Server, FirstVisit::Now, &ask(), draw),
        }
    }

    /// The same where all work is done when the answer is polled.
    #[inline]
    pub fn served_when_polled<'r>(head: Head<'r>, ask: impl FnOnce() -> Asked<'r>) -> Self {
        if !is_anybody_listening() {
            return Self::none();
        }
        match head.left_out() {
            Ok(exchange) => Self { exchange, facts: Facts::NONE },
            Err(draw) => Begun::new(Side::Server, FirstVisit::Later, &ask(), draw).left(),
        }
    }

    /// This process sends a request: a span of kind client.
    #[inline]
    pub fn sent<'r>(ask: impl FnOnce() -> Asked<'r>) -> Begun {
        if is_anybody_listening() {
            Begun::new(Side::Client, FirstVisit::Now, &ask(), Draw::NONE)
        } else {
            Begun::nothing()
        }
    }

    /// Polls what answers inside of the span, which is open; with the answer comes what it means for the span, which is left
    /// so. `is_whole` says whether the answer's body is at hand.
    #[inline]
    pub(crate) fn poll<B: Body, E>(
        &mut self,
        cx: &mut Context<'_>,
        inner: Pin<&mut impl Future<Output = Result<Response<B>, E>>>,
        error_type: fn(&E) -> &'static str,
        is_whole: impl FnOnce(&Facts, &mut B, &mut Context<'_>) -> bool,
    ) -> Poll<Result<(Response<B>, Next), E>> {
        let Self { exchange, facts } = self;
        let visit = exchange.enter();
        let mut answer = inner.poll(cx);
        let next = match &mut answer {
            Poll::Pending => Next::GoOn,
            Poll::Ready(Ok(response)) => {
                let is_whole = is_whole(facts, response.body_mut(), cx);
                facts.answered(response, is_whole)
            }
            Poll::Ready(Err(error)) => {
                facts.failed(error_type(error));
                Next::End
            }
        };
        next.leave(visit);
        answer.map_ok(|response| (response, next))
    }

    /// Drops what has not answered, inside of the span if that is still open.
    pub(crate) fn drop_inside<F>(&mut self, mut inner: Pin<&mut Option<F>>) {
        if self.exchange.is_open() {
            let visit = self.exchange.enter();
            inner.set(None);
            visit.pause();
        }
    }

    /// Takes the span, to be held elsewhere.
    pub(crate) fn take(&mut self) -> Self {
        let facts = Facts { odd: self.facts.odd.take(), ..self.facts };
        Self { exchange: self.exchange.take(), facts }
    }
}

/// A conversation whose span has just been opened, and is current unless it is visited later.
#[derive(Debug)]
#[must_use = "the span is current until this is left, or dropped"]
pub struct Begun {
    opened: Opened,
    facts: Facts,
}

impl Begun {
    const fn nothing() -> Self {
        Self { opened: Opened::nothing(), facts: Facts::NONE }
    }

    fn visited(exchange: Exchange) -> Self {
        Self { opened: exchange.held(FirstVisit::Now), facts: Facts::NONE }
    }

    fn new(side: Side, visit: FirstVisit, asked: &Asked<'_>, draw: Draw) -> Self {
        if grpc::is_request(asked.method, asked.headers) {
            return Self::new_rpc(side, visit, asked);
        }
        let method = method::known(asked.method);
        let wanted =
            Wanted { side, method: Some(method), target: asked.route, listed: asked.listed };
        let found = wanted.find(Proof::Given).or_else(|| wanted.without_target());
        let Some(place) = found else { return Self::nothing() };
        let route = asked.route.filter(|_| side == Side::Server);
        let parent = || asked.parent(side);
        let asking = match Exchange::begin(&place.site, parent, route, visit, draw) {
            // Nobody will want to know what the answer says.
            First::Opened(opened) => return Self { opened, facts: Facts::NONE },
            First::Asks(asking) => asking,
        };
        let odd = (asked.method == Method::HEAD).then(|| Box::new(Odd::Head));
        let facts = Facts { place: Some(place), odd };
        Self { opened: asked.tell_http(place, asking), facts }
    }

    fn new_rpc(side: Side, visit: FirstVisit, asked: &Asked<'_>) -> Self {
        let named = grpc::method(asked.path);
        // Without the slash in front.
        let target = named.and(asked.path.get(1..));
        let wanted = Wanted { side, method: None, target, listed: asked.listed };
        let proof = match side {
            Side::Server => Proof::Missing,
            Side::Client => Proof::Given,
        };
        let found = wanted.find(proof).or_else(|| wanted.without_target());
        let Some(place) = found else { return Self::nothing() };
        let method = place.target.unwrap_or(method::OTHER);
        let is_untold = place.target.is_none() && side == Side::Server;
        let unproven = target.filter(|_| is_untold);
        let odd = unproven.map(|target| Box::new(Odd::Unproven(target.into())));
        // The answer proves a method, whether anybody records it or not.
        let facts = Facts { place: Some(place), odd };
        let parent = || asked.parent(side);
        let begun = Exchange::begin(&place.site, parent, Some(method), visit, Draw::NONE);
        let asking = match begun {
            First::Opened(opened) => return Self { opened, facts },
            First::Asks(asking) => asking,
        };
        let mut values = [Value::LeftOut; rpc::ALL.len()];
        values[rpc::SYSTEM] = Value::Literal("grpc");
        values[rpc::OLD_SYSTEM] = Value::Literal("grpc");
        values[rpc::METHOD] = Value::Literal(method);
        if let Some((service, _)) = place.target.and_then(|target| target.split_once('/')) {
            values[rpc::OLD_SERVICE] = Value::Literal(service);
        }
        (values[rpc::ADDRESS], values[rpc::PORT]) = asked.peer();
        Self { opened: asked.tell(asking, &values), facts }
    }

    /// Leaves the span: whatever sends the request, or makes the future that answers it, has run.
    #[inline]
    pub fn left(self) -> Conversation {
        Conversation { exchange: self.opened.left(), facts: self.facts }
    }
}

impl Asked<'_> {
    fn peer(&self) -> (Value<'_>, Value<'_>) {
        let Some(peer) = &self.peer else { return (Value::LeftOut, Value::LeftOut) };
        let port = peer.port.map_or(Value::LeftOut, |port| Value::U64(port.into()));
        (Value::Text(peer.address), port)
    }

    /// What the headers say of a request to this process.
    fn parent(&self, side: Side) -> Parent {
        if side == Side::Client {
            return Parent::Current;
        }
        let caller = traced::propagation::extract(self.headers);
        if caller.is_none() && caller.baggage().is_empty() {
            Parent::Current
        } else {
            Parent::Of(caller)
        }
    }

    fn tell_http(&self, place: &'static Place, asking: Asking) -> Opened {
        let scheme = match self.scheme {
            Some("http") => Some("http"),
            Some("https") => Some("https"),
            _ => None,
        };
        let asking = match self.usual(place, scheme) {
            None => asking,
            Some(values) => match asking.tell_again(values) {
                Ok(opened) => return opened,
                Err(asking) => asking,
            },
        };
        let query = self.listed.query(self.query);
        let values = self.values(place, scheme, query.as_deref());
        let values = match place.side {
            Side::Server => &values[..],
            Side::Client => &values[..key::VERSION],
        };
        self.tell(asking, values)
    }

    /// What the first span of the place began with, if this one begins with the same.
    fn usual(
        &self,
        place: &'static Place,
        scheme: Option<&'static str>,
    ) -> Option<&'static Prepared> {
        if !self.is_usual(place) {
            return None;
        }
        let usual = place.usual.get_or_init(|| {
            let values = self.values(place, scheme, None);
            Usual { scheme, version: self.version, values: Prepared::of(&values) }
        });
        let is_same = (usual.scheme, usual.version) == (scheme, self.version);
        usual.values.as_ref().filter(|_| is_same)
    }

    /// Whether all that is told of a request to this process is the same for most of its place.
    fn is_usual(&self, place: &Place) -> bool {
        let has_place = place.target.is_some() || self.route.is_none();
        place.side == Side::Server
            && has_place
            && self.peer.is_none()
            && self.resends == 0
            && self.listed.is_nothing_of_requests()
    }

    fn values<'v>(
        &'v self,
        place: &Place,
        scheme: Option<&'static str>,
        query: Option<&'v str>,
    ) -> [Value<'v>; key::SERVER.len()] {
        let mut values = [Value::LeftOut; key::SERVER.len()];
        values[key::METHOD] = place.method.map_or(Value::LeftOut, Value::Literal);
        values[key::ROUTE] = match place.target {
            Some(route) => Value::Literal(route),
            None => self.route.map_or(Value::LeftOut, Value::Text),
        };
        values[key::SCHEME] = scheme.map_or(Value::LeftOut, Value::Literal);
        (values[key::ADDRESS], values[key::PORT]) = self.peer();
        values[key::VERSION] = self.version.map_or(Value::LeftOut, answer::version);
        if self.resends > 0 {
            values[key::RESENDS] = Value::U64(self.resends.into());
        }
        values[key::QUERY] = query.map_or(Value::LeftOut, Value::Text);
        values
    }

    fn tell(&self, asking: Asking, values: &[Value<'_>]) -> Opened {
        self.listed.with_request(values, self.headers, |values| asking.tell(values))
    }
}

impl Wanted<'_> {
    fn without_target(&self) -> Option<&'static Place> {
        Wanted { target: None, ..*self }.find(Proof::Given)
    }
}

/// How often a request was sent before, if somebody counts.
pub fn resends(extensions: &Extensions) -> u32 {
    extensions.get::<crate::Resends>().map_or(0, crate::Resends::send)
}

impl Facts {
    const NONE: Self = Self { place: None, odd: None };

    /// The headers of an answer are there.
    pub(crate) fn answered<B: Body>(&self, response: &Response<B>, is_at_hand: bool) -> Next {
        let ends = is_at_hand || response.body().is_end_stream();
        let Some(place) = self.place else { return Next::end_if(ends) };
        let is_head = matches!(self.odd.as_deref(), Some(Odd::Head));
        let ends = ends || is_head || has_no_body(response);
        if place.method.is_none() {
            return self.answered_rpc(place, response, ends);
        }
        answer::http(place, response);
        Next::end_if(ends)
    }

    fn answered_rpc<B>(&self, place: &'static Place, response: &Response<B>, ends: bool) -> Next {
        let status = Status::of(response.headers());
        if status.is_none() && response.status() != http::StatusCode::OK {
            answer::no_rpc(place, response.status());
            return Next::end_if(ends);
        }
        if status.is_none() && !ends {
            return Next::GoOn;
        }
        self.ended_rpc(place, status);
        Next::End
    }

    /// The body has ended, with these trailers.
    pub(crate) fn ended(&self, trailers: Option<&HeaderMap>) {
        let Some(place) = self.place.filter(|place| place.method.is_none()) else { return };
        self.ended_rpc(place, trailers.and_then(Status::of));
    }

    fn ended_rpc(&self, place: &'static Place, status: Option<Status>) {
        // To a caller, an answer without a status is one that says so.
        let is_client = place.side == Side::Client;
        let Some(status) = status.or(is_client.then_some(Status::UNKNOWN)) else { return };
        answer::rpc(place, status);
        // Whatever else it is may be said of any path: by an interceptor that lets nobody in, for one.
        if status == Status::OK {
            self.prove(place);
        }
    }

    fn prove(&self, place: &'static Place) {
        place.prove();
        if let Some(Odd::Unproven(target)) = self.odd.as_deref() {
            let Place { side, listed, .. } = *place;
            Wanted { side, method: None, target: Some(target), listed }.find(Proof::Given);
        }
    }

    /// There will be no answer, or no more of it.
    pub(crate) fn failed(&self, error_type: &'static str) {
        if let Some(place) = self.place {
            answer::broken(place, error_type);
        }
    }

    /// Whether all is known of an answer when its data are.
    #[cfg(feature = "axum")]
    pub(crate) fn may_end_with_its_data(&self) -> bool {
        self.place.is_none_or(|place| place.method.is_some())
    }

    /// Whether an answer ends with the last byte that its length promised: gRPC says more behind it.
    pub(crate) fn ends_with_its_length(&self) -> bool {
        self.place.is_some_and(|place| place.method.is_some())
    }

    /// Whether who drops a body has what it wanted.
    pub(crate) fn may_drop_a_body(&self) -> bool {
        self.place.is_some_and(|place| place.side == Side::Client && place.method.is_some())
    }
}

/// Answers that have none, whatever their headers say.
fn has_no_body<B>(response: &Response<B>) -> bool {
    let status = response.status();
    status.is_informational() || matches!(status.as_u16(), 204 | 304)
}
