//! Which headers and parameters of queries somebody declared public.

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

#[derive(Clone, PartialEq, Eq, Debug)]
struct Lists {
    requests: Vec<HeaderName>,
    answers: Vec<HeaderName>,
    parameters: Vec<String>,
}

static NOTHING: Lists = Lists { requests: Vec::new(), answers: Vec::new(), parameters: Vec::new() };
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
        let mut lists = self.0.clone();
        change(&mut lists);
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.iter().find(|known| ***known == lists) {
            return Self(same);
        }
        let lists: &'static Lists = Box::leak(Box::new(lists));
        known.push(lists);
        Self(lists)
    }

    /// The keys of what spans of a new place begin with.
    pub(crate) fn keys_of_request(
        self,
        common: &'static [&'static str],
    ) -> &'static [&'static str] {
        with_names(common, "http.request.header.", &self.0.requests)
    }

    /// The same for what its answers say.
    pub(crate) fn keys_of_answer(self, common: &'static [&'static str]) -> &'static [&'static str] {
        with_names(common, "http.response.header.", &self.0.answers)
    }

    /// A number that is its own.
    pub(crate) fn number(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// Whether nothing of a request is public.
    pub(crate) fn is_nothing_of_requests(self) -> bool {
        self.0.requests.is_empty() && self.0.parameters.is_empty()
    }

    /// Hands `values`, and what is public of the headers of a request behind them, to `then`.
    pub(crate) fn with_request<R>(
        self,
        values: &[Value<'_>],
        headers: &HeaderMap,
        then: impl FnOnce(&[Value<'_>]) -> R,
    ) -> R {
        then_with(values, &self.0.requests, headers, then)
    }

    /// The same for an answer.
    pub(crate) fn with_answer<R>(
        self,
        values: &[Value<'_>],
        headers: &HeaderMap,
        then: impl FnOnce(&[Value<'_>]) -> R,
    ) -> R {
        then_with(values, &self.0.answers, headers, then)
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

fn then_with<R>(
    values: &[Value<'_>],
    names: &[HeaderName],
    headers: &HeaderMap,
    then: impl FnOnce(&[Value<'_>]) -> R,
) -> R {
    if names.is_empty() {
        return then(values);
    }
    let found: Vec<Vec<&str>> = names.iter().map(|name| told(name, headers)).collect();
    let listed = found.iter().map(|texts| match &texts[..] {
        [] => Value::LeftOut,
        texts => Value::Texts(texts),
    });
    let all: Vec<_> = values.iter().copied().chain(listed).collect();
    then(&all)
}

/// Places are for ever, and so are their keys.
fn with_names(
    common: &'static [&'static str],
    prefix: &str,
    names: &[HeaderName],
) -> &'static [&'static str] {
    if names.is_empty() {
        return common;
    }
    let listed = names.iter().map(|name| &*format!("{prefix}{name}").leak());
    common.iter().copied().chain(listed).collect::<Vec<_>>().leak()
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
        assert_eq!(listed.keys_of_request(&["a"]), ["a", "http.request.header.x-tenant"]);
        assert_eq!(listed.keys_of_answer(&["a"]), ["a"]);
    }

    #[test]
    fn equal_lists_are_one() {
        let list = || Listed::default().response_headers(["x-cache"]);
        assert_eq!(list().number(), list().number());
        assert_ne!(list().number(), Listed::default().number());
    }
}
