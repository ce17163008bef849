//! What was recorded of the spans that are open here: for log lines that are to say it again.

use crate::callsite::{Callsite, find};
use crate::export::span::{Attribute, Key};
use crate::note::well_known;
use crate::pipeline::assemble::read;
use crate::segment::record::{HEADER, Kind, RECORD, Slot, length_of, site_of};
use crate::segment::thread::{Hot, hot};
use crate::span::name_of;

/// In longer chunks only what stands in the spans' own records is looked for.
const MOST_WORDS: usize = 1 << 15;

/// The attributes under these keys of the innermost span and of those around it, as far as they are recorded on
/// this thread or task; of a key the innermost and latest value.
pub fn told(wanted: &[impl AsRef<str>]) -> Vec<(Key, Attribute)> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let all = hot(|hot| if hot.is_recording() { collect(hot) } else { Vec::new() });
    let mut told = Vec::new();
    for wanted in wanted {
        let mut found: Option<(usize, Key, Attribute)> = None;
        for (depth, key, value) in &all {
            let is_closer = found.as_ref().is_none_or(|(nearest, ..)| depth <= nearest);
            if key == wanted.as_ref() && is_closer {
                found = Some((*depth, key.clone(), value.clone()));
            }
        }
        told.extend(found.map(|(_, key, value)| (key, value)));
    }
    told
}

/// Everything that was recorded of the way from the innermost span outwards, with its distance.
fn collect(hot: &Hot) -> Vec<(usize, Key, Attribute)> {
    let block = hot.block.get();
    let mut way = Vec::new();
    let mut at = hot.top.get().position();
    while at >= HEADER {
        let Some(slot) = Slot::new(block, at) else { break };
        way.push((at, name_of(hot, hot.top.get().at(at))));
        at = slot.parent();
    }
    let mut all = Vec::new();
    let mut add = |distance: usize, slot: Slot<'_>, at: usize| {
        let keys = match site_of(slot.head()) {
            0 => &well_known::KEYS[..],
            site => find(site).map_or(&[][..], |site: &Callsite| site.about().keys),
        };
        let words =
            block.get(at + RECORD..at + length_of(slot.head()).max(RECORD)).unwrap_or_default();
        let words: Vec<u64> = words.iter().map(|word| word.load(crate::sync::Relaxed)).collect();
        all.extend(read(keys, &words).0.into_iter().map(|(key, value)| (distance, key, value)));
    };
    for (distance, (at, _)) in way.iter().enumerate() {
        if let Some(slot) = Slot::new(block, *at).filter(|slot| slot.kind() == Some(Kind::Span)) {
            add(distance, slot, *at);
        }
    }
    let end = hot.cursor();
    let mut at = if end <= MOST_WORDS { HEADER } else { end };
    while at < end {
        let Some(slot) = Slot::new(block, at) else { break };
        if slot.kind() == Some(Kind::Attributes) {
            let about = way.iter().position(|(_, name)| *name == slot.about());
            if let Some(distance) = about {
                add(distance, slot, at);
            }
        }
        at += length_of(slot.head()).max(RECORD);
    }
    all
}
