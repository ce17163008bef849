//! What was said about a span behind its record, as far as it can be written as it lies there: events, and
//! attributes whose keys nobody used before.

use super::encode::UNUSUAL;
use super::places::{CODE_ATTRIBUTES, Place, Places};
use super::value::most_bytes;
use super::window::{Out, USUAL_NOTES, USUAL_WORDS};
use crate::clock::Calibration;
use crate::export::limits::Limits;
use crate::segment::decode::Record;
use crate::segment::record::{Kind, flag, site_of};

/// Attributes from more places than this are decoded.
const MAX_PLACES: usize = 4;

/// At most about so many bytes are written for these notes.
pub(super) fn most_bytes_of(notes: &[(usize, Record<'_>)], places: &Places) -> usize {
    let of_note = |(_, note): &(usize, Record<'_>)| {
        let begin = places.known(site_of(note.head)).map_or(0, |place| place.event.most_bytes());
        begin + most_bytes(note.payload.len())
    };
    notes.iter().map(of_note).sum()
}

/// Whether no more is said than has room in a [`Window`](super::window::Window).
pub(super) fn are_usual(notes: &[(usize, Record<'_>)]) -> bool {
    notes.len() <= USUAL_NOTES && notes.iter().all(|(_, note)| note.payload.len() <= USUAL_WORDS)
}

/// Writes what the notes say; adds to `flags` what they say of the outcome. None, with some of it written, if
/// the span must be decoded.
pub(super) fn write(
    out: &mut impl Out,
    place: &Place,
    notes: &[(usize, Record<'_>)],
    places: &Places,
    limits: &Limits,
    clock: &Calibration,
    flags: &mut u64,
) -> Option<()> {
    let mut seen: [&[&str]; MAX_PLACES] = [&[]; MAX_PLACES];
    seen[0] = place.about.keys;
    let (mut attributes, mut events, mut latest) = (1, 0, 0);
    for (_, note) in notes {
        match note.kind {
            Kind::Flags => {
                *flags |= note.head & flag::OUTCOME;
                if *flags & UNUSUAL != 0 {
                    return None;
                }
            }
            Kind::Attributes => {
                let said_at = places.known(site_of(note.head))?;
                let keys = said_at.about.keys;
                let is_new = |key: &&str| !seen[..attributes].iter().any(|keys| keys.contains(key));
                if attributes == MAX_PLACES || !keys.iter().all(is_new) {
                    return None;
                }
                seen[attributes] = keys;
                attributes += 1;
                let all = seen.iter().map(|keys| keys.len()).sum::<usize>() + CODE_ATTRIBUTES;
                let keys = said_at.keys.as_ref().filter(|_| all <= limits.attributes);
                out.values(keys?, note)?;
            }
            // Events are told by their time; mostly they come in that order.
            Kind::Event if note.second >= latest && events < limits.events => {
                (events, latest) = (events + 1, note.second);
                write_event(out, places.known(site_of(note.head))?, note, clock)?;
            }
            _ => return None,
        }
    }
    Some(())
}

fn write_event(
    out: &mut impl Out,
    place: &Place,
    note: &Record<'_>,
    clock: &Calibration,
) -> Option<()> {
    let keys = place.event_keys.as_ref()?;
    let start = out.written() + 1;
    let room = place.event.length_bytes(note.payload.len());
    place.event.write(out, clock.unix_ns(note.second), room)?;
    if !note.payload.is_empty() {
        out.values(keys, note)?;
    }
    out.close(start, room)
}
