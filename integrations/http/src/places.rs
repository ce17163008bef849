//! A place for each method and route, so that spans have their names as cheaply as any other.
//!
//! Places are found without a lock, in a table of fixed size: at most [`MAX_NAMED`] with a route. What comes past that
//! has the name of its method alone, and its route as an attribute. A route is the program's own text, but the path of
//! a gRPC call is the client's: of those that were never answered by `OK`, [`MAX_UNPROVEN`] may be told. What a service
//! has answered so is a method of it.

use crate::listed::Listed;
use crate::{Side, keys, method};
use http::Version;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use traced::__integration::{About, Callsite, Name, Prepared, SpanKind, TARGET};

const SLOTS: usize = 2048;
const MAX_NAMED: usize = 1024;
const MAX_UNPROVEN: usize = 64;

static TABLE: [OnceLock<Box<Place>>; SLOTS] = [const { OnceLock::new() }; SLOTS];
static NAMED: AtomicUsize = AtomicUsize::new(0);
static UNPROVEN: AtomicUsize = AtomicUsize::new(0);

/// Where spans of one name begin.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) site: Callsite,
    /// Where their answers speak.
    pub(crate) answer: Callsite,
    pub(crate) side: Side,
    /// Nothing: it is gRPC.
    pub(crate) method: Option<&'static str>,
    /// The route, or service and method.
    pub(crate) target: Option<&'static str>,
    pub(crate) listed: Listed,
    /// Whether nobody can have made its target up.
    proven: AtomicBool,
    /// What its first span began with, as nearly all do.
    pub(crate) usual: OnceLock<Usual>,
}

/// What spans begin with that are told nothing but this.
#[derive(Debug)]
pub(crate) struct Usual {
    pub(crate) scheme: Option<&'static str>,
    pub(crate) version: Option<Version>,
    pub(crate) values: Option<Prepared>,
}

/// What a place is found by.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'r> {
    pub(crate) side: Side,
    pub(crate) method: Option<&'static str>,
    pub(crate) target: Option<&'r str>,
    pub(crate) listed: Listed,
}

/// How sure it is that a target is none that a client made up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Given,
    Missing,
}

impl Wanted<'_> {
    /// The place, which is made if it is new; nothing if there are too many.
    pub(crate) fn find(&self, proof: Proof) -> Option<&'static Place> {
        let start = self.hash();
        let slots = (0..SLOTS).map(|offset| &TABLE[start.wrapping_add(offset) % SLOTS]);
        for slot in slots {
            let place = match slot.get() {
                Some(place) => place,
                None if self.may_be_added(proof) => slot.get_or_init(|| self.make(proof)),
                None => return None,
            };
            // Another thread may have made another one here in between.
            if place.is(self) {
                return Some(place);
            }
        }
        None
    }

    fn may_be_added(&self, proof: Proof) -> bool {
        let is_known = proof == Proof::Given || UNPROVEN.load(Relaxed) < MAX_UNPROVEN;
        self.target.is_none() || is_known && NAMED.load(Relaxed) < MAX_NAMED
    }

    fn make(&self, proof: Proof) -> Box<Place> {
        let is_proven = self.target.is_none() || proof == Proof::Given;
        NAMED.fetch_add(usize::from(self.target.is_some()), Relaxed);
        UNPROVEN.fetch_add(usize::from(!is_proven), Relaxed);
        let name: &'static str = self.name().leak();
        let is_rpc = self.method.is_none();
        let keys = self.listed.keys_of_request(keys::of_request(self.side, is_rpc));
        let answer = self.listed.keys_of_answer(keys::of_answer(self.side, is_rpc));
        let kind = match self.side {
            Side::Server => SpanKind::Server,
            Side::Client => SpanKind::Client,
        };
        let about = About::new(Name::Literal(name), TARGET, "", 0);
        let target = self.target.map(|target| {
            // The end of the name, where it is one.
            name.get(name.len() - target.len()..).unwrap_or_default()
        });
        Box::new(Place {
            site: Callsite::new(about.kind(kind).keys(keys)),
            answer: Callsite::new(about.keys(answer)),
            side: self.side,
            method: self.method,
            target,
            listed: self.listed,
            proven: AtomicBool::new(is_proven),
            usual: OnceLock::new(),
        })
    }

    fn name(&self) -> String {
        match (self.method, self.target) {
            (None, None) => "grpc".to_owned(),
            (None, Some(target)) => target.to_owned(),
            (Some(method), target) => {
                let method = if method == method::OTHER { "HTTP" } else { method };
                target.map_or_else(|| method.to_owned(), |target| format!("{method} {target}"))
            }
        }
    }

    fn hash(&self) -> usize {
        let start = mix(self.listed.number() as u64, self.side as u64);
        // Few methods have both in common.
        let method = self.method.unwrap_or_default().as_bytes();
        let initial = method.first().copied().map_or(0, u64::from);
        let start = mix(start, (method.len() as u64) << 8 | initial);
        (self.target.map_or(start, |target| hash_of(start, target)) >> 32) as usize
    }
}

fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// By its length, its beginning, middle and end: who looks compares the rest.
fn hash_of(hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let hash = mix(hash, bytes.len() as u64);
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    match (bytes.first_chunk(), bytes[bytes.len() / 2..].first_chunk(), bytes.last_chunk()) {
        (Some(first), middle, Some(last)) => {
            mix(mix(mix(hash, word(first)), middle.map_or(0, word)), word(last))
        }
        _ => mix(hash, bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))),
    }
}

/// Methods are nearly always the same text in the same place.
fn is_same(one: Option<&'static str>, other: Option<&'static str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => std::ptr::eq(one, other) || one == other,
        _ => one.is_none() && other.is_none(),
    }
}

impl Place {
    fn is(&self, wanted: &Wanted<'_>) -> bool {
        let (Self { side, method, target, listed, .. }, number) = (self, wanted.listed.number());
        (*side, *target, listed.number()) == (wanted.side, wanted.target, number)
            && is_same(*method, wanted.method)
    }

    /// A service has answered by `OK`: its method is none that a client made up.
    pub(crate) fn prove(&self) {
        if !self.proven.load(Relaxed) && !self.proven.swap(true, Relaxed) {
            UNPROVEN.fetch_sub(1, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'r>(method: Option<&'static str>, target: Option<&'r str>) -> Wanted<'r> {
        Wanted { side: Side::Server, method, target, listed: Listed::default() }
    }

    #[test]
    fn a_place_is_found_again() {
        let find = |method, target| wanted(method, target).find(Proof::Given).unwrap();
        let place = find(Some("GET"), Some("/orders/{id}"));
        assert_eq!((place.site.name(), place.target), ("GET /orders/{id}", Some("/orders/{id}")));
        assert!(std::ptr::eq(place, find(Some("GET"), Some("/orders/{id}"))));
        assert_eq!(place.site.about().file, "", "it is in nobody's source");
        assert_eq!(find(Some("GET"), None).site.name(), "GET");
        assert_eq!(find(Some("_OTHER"), Some("/a")).site.name(), "HTTP /a");
        assert_eq!(find(None, Some("a.B/C")).site.name(), "a.B/C");
        assert_eq!(find(None, None).site.name(), "grpc");
    }

    // One test, because all count in the same table.
    #[test]
    fn names_are_bounded() {
        let invented = |n| format!("a.B/C{n}");
        let found: Vec<_> = (0..2 * MAX_UNPROVEN)
            .map_while(|n| wanted(None, Some(&invented(n))).find(Proof::Missing))
            .collect();
        assert_eq!(found.len(), MAX_UNPROVEN);
        assert!(wanted(None, Some("a.B/Next")).find(Proof::Missing).is_none());
        found[0].prove();
        found[0].prove();
        assert!(wanted(None, Some("a.B/Next")).find(Proof::Missing).is_some());
        assert!(wanted(None, Some("a.B/Last")).find(Proof::Missing).is_none());
        assert!(wanted(None, Some("a.B/Last")).find(Proof::Given).is_some());

        let routes = (0..2 * MAX_NAMED)
            .map_while(|n| wanted(Some("GET"), Some(&invented(n))).find(Proof::Given));
        assert!((MAX_NAMED / 2..=MAX_NAMED).contains(&routes.count()));
        assert!(wanted(Some("PUT"), None).find(Proof::Given).is_some());
    }
}
