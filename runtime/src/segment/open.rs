//! Which roots are open now, for reports: found by looking at all blocks, so that the hot path notes nothing.
//!
//! The first record of a chunk that a root began is that root, and its end is zero while it is open, whether its thread
//! works, waits, or nobody polls its future. A block that nobody uses says that it is no chunk. One thing is not
//! there to be found: when a root began of which a [part](super::part) was sent, and so a cut notes it elsewhere.
//!
//! Others write while this reads, so that it may see a root that just ended, or none where one just began.

use crate::callsite::{Callsite, find};
use crate::clock;
use crate::id::SpanRef;
use crate::order::sort_by_number;
use crate::segment::block::{self, Block};
use crate::segment::record::{HEADER, Header, Kind, Slot, site_of};
use crate::sync::Mutex;
use std::time::Duration;

/// A root that is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRoot {
    #[cfg_attr(not(feature = "init"), allow(dead_code, reason = "reports ask"))]
    pub(crate) site: &'static Callsite,
    pub(crate) open_for: Duration,
}

/// When roots began that were sent in part, by their chunk.
static BEGUN: Mutex<Vec<(u32, u64)>> = Mutex::new(Vec::new());
/// So many are remembered.
const MOST: usize = 1 << 12;

/// A root that began then is sent in part. Nobody waits for another who does the same.
#[cold]
pub(crate) fn note_begun(chunk: SpanRef, ticks: u64) {
    if let Ok(mut begun) = BEGUN.try_lock() {
        if begun.len() < MOST {
            begun.push((chunk.chunk(), ticks));
        }
    }
}

/// It has ended.
#[cold]
pub(crate) fn forget_begun(chunk: SpanRef) {
    if let Ok(mut begun) = BEGUN.try_lock() {
        begun.retain(|(other, _)| *other != chunk.chunk());
    }
}

/// The roots that have been open for so long, the oldest first.
#[cfg_attr(not(feature = "init"), allow(dead_code, reason = "reports ask"))]
#[inline]
pub(crate) fn open_roots(at_least: Duration) -> Vec<OpenRoot> {
    let begun = BEGUN.try_lock().map_or_else(|_| Vec::new(), |begun| begun.clone());
    let now = clock::ticks();
    let mut found: Vec<_> = block::all()
        .into_iter()
        .filter_map(|block| root_in(block, &begun, now))
        .filter(|root| root.open_for >= at_least)
        .collect();
    sort_by_number(&mut found, |root| {
        u64::try_from(root.open_for.as_nanos()).map_or(0, |nanos| u64::MAX - nanos)
    });
    found
}

#[inline]
fn root_in(block: Block, begun: &[(u32, u64)], now: u64) -> Option<OpenRoot> {
    let header = Header::of_block(block)?;
    let slot = Slot::new(block, HEADER)?;
    let start = match slot.kind()? {
        Kind::Span => slot.start(),
        Kind::Carried => begun.iter().find(|(chunk, _)| *chunk == header.chunk.chunk())?.1,
        _ => return None,
    };
    // One is no time: the root is not recorded.
    if slot.end() != 0 || start <= 1 {
        return None;
    }
    let open_for = Duration::from_nanos(clock::elapsed_ns(start, now));
    find(site_of(slot.head())).map(|site| OpenRoot { site, open_for })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::__private::{About, Name, enter};
    use crate::alone::alone;
    use crate::segment::part;
    use crate::segment::thread::hot;
    use crate::test::capture;

    static ROOT: Callsite =
        Callsite::new(About::new(Name::Literal("a root of segment::open"), "", "", 0));
    static INNER: Callsite =
        Callsite::new(About::new(Name::Literal("not a root of segment::open"), "", "", 0));

    fn names() -> Vec<&'static str> {
        let found = open_roots(Duration::ZERO);
        let names = found.iter().map(|root| root.site.name());
        names.filter(|name| name.ends_with("segment::open")).collect()
    }

    /// Blocks are looked at without waiting for whoever adds one, as tests around this one would.
    #[test]
    fn a_root_is_found_while_it_is_open() {
        alone(module_path!(), "a_root_is_found_while_it_is_open", || {
            capture(|| {
                let root = enter(&ROOT);
                let inner = enter(&INNER);
                assert_eq!(names(), ["a root of segment::open"]);
                assert!(open_roots(Duration::from_secs(3_600)).is_empty());
                drop(inner);
                // Its record is a note from now on.
                hot(part::cut);
                assert_eq!(names(), ["a root of segment::open"]);
                drop(root);
                assert!(names().is_empty());
            });
            let elsewhere = std::thread::spawn(|| {
                capture(|| {
                    std::mem::forget(enter(&ROOT));
                });
            });
            elsewhere.join().unwrap();
            assert!(names().is_empty(), "what its thread did not end is not open for ever");
        });
    }
}
