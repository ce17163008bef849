//! Which headers and parameters of queries somebody declared public.

use crate::Side;
use crate::keys;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderName};
use std::sync::{Mutex, PoisonError};
use traced::__integration::Value;

/// Headers and parameters of queries that are public.
///
/// Whoever lists one publishes it. Headers with credentials are never told, nor are values that the program marked as
/// sensitive ([`HeaderValue::set_sensitive`](http::HeaderValue::set_sensitive)).
#[derive(Clone, Copy, Debug)]
pub struct Listed(&'static Lists);

#[derive(PartialEq, Eq, Debug, Default)]
pub(crate) struct Lists {
    requests: Vec<HeaderName>,
    answers: Vec<HeaderName>,
    parameters: Vec<String>,
    pub(crate) keys: Option<[Vec<&'static str>; 3]>,
}

static NOTHING: Lists =
    Lists { requests: Vec::new(), answers: Vec::new(), parameters: Vec::new(), keys: None };
/// Lists are kept for ever, each once: places refer to them.
static KNOWN: Mutex<Vec<&'static Lists>> = Mutex::new(Vec::new());

/// More headers than this are not told of one request.
const MAX_HEADERS: usize = 32;
/// Of one header, or one query, no more values are told.
const MAX_VALUES: usize = 16;
const SECRET: [HeaderName; 4] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE];

impl Default for Listed {
    fn default() -> Self {
        Self(&NOTHING)
    }
}

impl Listed {
    /// These headers of requests are public, as `http.request.header.<name>`.
    #[must_use]
    pub fn request_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|lists| add(&mut lists.requests, names))
    }

    /// These headers of answers are public, as `http.response.header.<name>`.
    #[must_use]
    pub fn response_headers<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|lists| add(&mut lists.answers, names))
    }

    /// These parameters of queries are public: `url.query` consists of them.
    #[must_use]
    pub fn query_parameters<'n>(self, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.with(|lists| lists.parameters.extend(names.into_iter().map(str::to_owned)))
    }

    fn with(self, change: impl FnOnce(&mut Lists)) -> Self {
        let Lists { requests, answers, parameters, .. } = self.0;
        let (requests, answers, parameters) =
            (requests.clone(), answers.clone(), parameters.clone());
        let mut lists = Lists { requests, answers, parameters, keys: None };
        change(&mut lists);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |known: &&&'static Lists| {
            (&known.requests, &known.answers, &known.parameters)
                == (&lists.requests, &lists.answers, &lists.parameters)
        };
        if let Some(same) = known.iter().find(is_same) {
            return Self(same);
        }
        let all = [&keys::http::SERVER, &keys::http::CLIENT, &keys::rpc::ALL];
        lists.keys = Some(all.map(|all| {
            let named = |prefix: &str, name: &HeaderName| &*format!("{prefix}{name}").leak();
            let requests = lists.requests.iter().map(|name| named("http.request.header.", name));
            let answers = lists.answers.iter().map(|name| named("http.response.header.", name));
            all.iter().copied().chain(requests).chain(answers).collect()
        }));
        let lists: &'static Lists = Box::leak(Box::new(lists));
        known.push(lists);
        Self(lists)
    }

    /// The keys of spans.
    pub(crate) fn keys(self, side: Side, is_rpc: bool) -> &'static [&'static str] {
        let (common, position): (&'static [&'static str], _) = match (is_rpc, side) {
            (false, Side::Server) => (&keys::http::SERVER, 0),
            (false, Side::Client) => (&keys::http::CLIENT, 1),
            (true, _) => (&keys::rpc::ALL, 2),
        };
        self.0.keys.as_ref().map_or(common, |keys| &keys[position])
    }

    /// A number that is its own.
    pub(crate) fn number(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Hands `values`, and what is public of the headers of a request behind them, to `then`.
    pub(crate) fn with_request(
        self,
        values: &[Value<'_>; keys::COUNT],
        headers: &HeaderMap,
        then: impl FnOnce(&[Value<'_>]),
    ) {
        then_with(values, 0, &self.0.requests, headers, then);
    }

    /// The same for an answer.
    pub(crate) fn with_answer(
        self,
        values: &[Value<'_>; keys::COUNT],
        headers: &HeaderMap,
        then: impl FnOnce(&[Value<'_>]),
    ) {
        then_with(values, self.0.requests.len(), &self.0.answers, headers, then);
    }

    /// What is public of a query.
    pub(crate) fn query(self, query: Option<&str>) -> Option<String> {
        let parameters = &self.0.parameters;
        let query = query.filter(|_| !parameters.is_empty())?;
        let is_public =
            |pair: &&str| parameters.iter().any(|name| pair.split('=').next() == Some(name));
        let public: Vec<_> = query.split('&').filter(is_public).take(MAX_VALUES).collect();
        (!public.is_empty()).then(|| public.join("&"))
    }
}

fn add<'n>(list: &mut Vec<HeaderName>, names: impl IntoIterator<Item = &'n str>) {
    for name in names {
        let Ok(name) = HeaderName::try_from(name) else { continue };
        if list.len() < MAX_HEADERS && !SECRET.contains(&name) && !list.contains(&name) {
            list.push(name);
        }
    }
}

fn then_with(
    values: &[Value<'_>; keys::COUNT],
    before: usize,
    names: &[HeaderName],
    headers: &HeaderMap,
    then: impl FnOnce(&[Value<'_>]),
) {
    if names.is_empty() {
        return then(values);
    }
    let found: Vec<Vec<&str>> = names.iter().map(|name| told(name, headers)).collect();
    let mut all = values.to_vec();
    all.resize(keys::COUNT + before, Value::LeftOut);
    all.extend(found.iter().map(|texts| match &texts[..] {
        [] => Value::LeftOut,
        texts => Value::Texts(texts),
    }));
    then(&all);
}

fn told<'h>(name: &HeaderName, headers: &'h HeaderMap) -> Vec<&'h str> {
    let public = headers.get_all(name).iter().filter(|value| !value.is_sensitive());
    public.filter_map(|value| value.to_str().ok()).take(MAX_VALUES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_told_as_far_as_it_is_listed() {
        let listed = Listed::default().query_parameters(["page", "sort"]);
        let query = |query| listed.query(Some(query));
        assert_eq!(query("token=abc&page=2&pages=9&sort"), Some("page=2&sort".to_owned()));
        assert_eq!(query("token=page=2"), None);
        assert_eq!(Listed::default().query(Some("page=2")), None);
    }

    #[test]
    fn credentials_cannot_be_listed() {
        let listed =
            Listed::default().request_headers(["Authorization", "cookie", "X-Tenant", "?"]);
        let names: Vec<_> = listed.0.requests.iter().map(HeaderName::as_str).collect();
        assert_eq!(names, ["x-tenant"]);
        let keys = listed.keys(Side::Server, false);
        assert_eq!(keys.last(), Some(&"http.request.header.x-tenant"));
    }

    #[test]
    fn equal_lists_are_one() {
        let list = || Listed::default().response_headers(["x-cache"]);
        assert_eq!(list().number(), list().number());
        assert_ne!(list().number(), Listed::default().number());
    }
}
