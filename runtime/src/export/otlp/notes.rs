//! What was said about a span behind its record, as far as it can be written as it lies there: events, and
//! attributes whose keys nobody used before.

use super::encode::UNUSUAL;
use super::places::{CODE_ATTRIBUTES, Place, Places, field};
use super::wire;
use crate::clock::Calibration;
use crate::export::limits::Limits;
use crate::segment::decode::Record;
use crate::segment::record::{Kind, flag, site_of};

/// Attributes from more places than this are decoded.
const MAX_PLACES: usize = 4;

/// Writes what the notes say; adds to `flags` what they say of the outcome. False, with some of it written, if
/// the span must be decoded.
pub(super) fn write(
    out: &mut Vec<u8>,
    place: &Place,
    notes: &[(usize, Record<'_>)],
    places: &Places,
    limits: &Limits,
    clock: &Calibration,
    flags: &mut u64,
) -> bool {
    let mut seen: [&[&str]; MAX_PLACES] = [&[]; MAX_PLACES];
    seen[0] = place.about.keys;
    let (mut attributes, mut events, mut latest) = (1, 0, 0);
    for (_, note) in notes {
        let is_written = match note.kind {
            Kind::Flags => {
                *flags |= note.head & flag::OUTCOME;
                *flags & UNUSUAL == 0
            }
            Kind::Attributes => {
                let Some(said_at) = places.known(site_of(note.head)) else { return false };
                let keys = said_at.about.keys;
                let is_new = |key: &&str| !seen[..attributes].iter().any(|keys| keys.contains(key));
                if attributes == MAX_PLACES || !keys.iter().all(is_new) {
                    return false;
                }
                seen[attributes] = keys;
                attributes += 1;
                let all = seen.iter().map(|keys| keys.len()).sum::<usize>() + CODE_ATTRIBUTES;
                let keys = said_at.keys.as_ref().filter(|_| all <= limits.attributes);
                keys.is_some_and(|keys| keys.write(out, note.payload))
            }
            // Events are told by their time; mostly they come in that order.
            Kind::Event if note.second >= latest && events < limits.events => {
                (events, latest) = (events + 1, note.second);
                let happened_at = places.known(site_of(note.head));
                happened_at.is_some_and(|place| write_event(out, place, note, clock))
            }
            _ => false,
        };
        if !is_written {
            return false;
        }
    }
    true
}

fn write_event(out: &mut Vec<u8>, place: &Place, note: &Record<'_>, clock: &Calibration) -> bool {
    let Some(keys) = &place.event_keys else { return false };
    let mut is_written = true;
    wire::message(out, field::EVENTS, |out| {
        wire::fixed64(out, 1, clock.unix_ns(note.second));
        wire::text(out, 2, place.name);
        is_written = keys.write(out, note.payload);
    });
    is_written
}
