//! The `ot` member of `tracestate`: what OpenTelemetry's consistent probability sampling says between services.
//!
//! `ot=th:c;rv:9b8233f7e3a151` says by which threshold the trace was sampled, and which random bits decide in
//! place of those of the trace id. Other sub-keys belong to others and go on as they came.

use super::{Randomness, Threshold};
use crate::propagation::TraceState;
use std::fmt::Write as _;

/// The name of the member.
const KEY: &str = "ot";
/// The longest value.
const MAX_VALUE: usize = 256;
/// The most members of a list, and the longest text that everybody must pass on.
const MAX_MEMBERS: usize = 32;
const MAX_LIST: usize = 512;
/// Members longer than this go first where there is no room.
const LONG_MEMBER: usize = 128;

/// What an `ot` member says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member<'t> {
    threshold: Option<Threshold>,
    randomness: Option<Randomness>,
    /// Sub-keys of others with their values, in their order.
    others: Vec<(&'t str, &'t str)>,
}

impl<'t> Member<'t> {
    /// That of a list of members; none where it is missing or is not what it should be.
    pub(crate) fn of_list(list: &'t str) -> Option<Self> {
        let mut values = members(list).filter_map(|(key, value)| (key == KEY).then_some(value));
        Self::parse(values.next()?).filter(|_| values.next().is_none())
    }

    /// Reads the value of a member. A sub-key that occurs twice, or one without a proper value, spoils all
    /// of it; a `th` or `rv` that is no number is as good as none.
    pub(crate) fn parse(value: &'t str) -> Option<Self> {
        if value.is_empty() || value.len() > MAX_VALUE {
            return None;
        }
        let mut member = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for part in value.split(';') {
            let (key, value) = part.split_once(':')?;
            if !is_key(key) || !is_value(value) || seen.contains(&key) {
                return None;
            }
            seen.push(key);
            match key {
                "th" => member.threshold = Threshold::parse(value),
                "rv" => member.randomness = Randomness::parse(value),
                _ => member.others.push((key, value)),
            }
        }
        Some(member)
    }

    /// The random bits that decide in place of those of the trace id.
    pub(crate) fn randomness(&self) -> Option<Randomness> {
        self.randomness
    }

    /// The threshold that a sampled parent reached. One that contradicts the flag or the randomness says
    /// nothing: somebody on the way sampled by other means.
    pub(crate) fn threshold(&self, sampled: bool, randomness: Randomness) -> Option<Threshold> {
        self.threshold.filter(|threshold| sampled && threshold.admits(randomness))
    }

    /// The same with the threshold that was decided by here.
    pub(crate) fn with_threshold(self, threshold: Option<Threshold>) -> Self {
        Self { threshold, ..self }
    }

    /// The value as it is written; none if there is nothing to say. What has no room goes from the end.
    pub(crate) fn to_value(&self) -> Option<String> {
        let mut value = String::new();
        if let Some(threshold) = self.threshold {
            push(&mut value, format_args!("th:{threshold}"));
        }
        if let Some(randomness) = self.randomness {
            push(&mut value, format_args!("rv:{randomness}"));
        }
        for (key, other) in &self.others {
            if value.len() + key.len() + other.len() + 2 > MAX_VALUE {
                break;
            }
            push(&mut value, format_args!("{key}:{other}"));
        }
        (!value.is_empty()).then_some(value)
    }

    /// The list with this member in place of the one that it had. What was changed stands first, as W3C asks;
    /// the others keep their order, and as many of them as the limits allow.
    pub(crate) fn put_into(&self, list: &str) -> Option<String> {
        let own = self.to_value().map(|value| format!("{KEY}={value}"));
        let mut all: Vec<&str> = own.as_deref().into_iter().collect();
        let others = members(list).filter(|(key, _)| *key != KEY);
        all.extend(others.map(|(key, value)| whole(list, key, value)));
        all.truncate(MAX_MEMBERS);
        let length = |all: &[&str]| all.iter().map(|member| member.len() + 1).sum::<usize>();
        let first_other = usize::from(own.is_some());
        while length(&all) > MAX_LIST + 1 && all.len() > first_other {
            let long = all[first_other..].iter().rposition(|member| member.len() > LONG_MEMBER);
            all.remove(long.map_or(all.len() - 1, |at| at + first_other));
        }
        (!all.is_empty()).then(|| all.join(","))
    }
}

/// The `tracestate` of a segment: what came in, with the threshold that it was kept by. What is not changed
/// goes on as it came.
pub(crate) fn trace_state(came_in: &TraceState, kept_by: Option<Threshold>) -> TraceState {
    if came_in.is_empty() && kept_by.is_none() {
        return TraceState::EMPTY;
    }
    let list = came_in.as_str();
    let member = Member::of_list(list).unwrap_or_default();
    if member.threshold == kept_by {
        return came_in.clone();
    }
    let changed = member.with_threshold(kept_by).put_into(list);
    changed.and_then(|list| list.parse().ok()).unwrap_or_default()
}

fn push(value: &mut String, part: std::fmt::Arguments<'_>) {
    if !value.is_empty() {
        value.push(';');
    }
    // Writing to a `String` never fails.
    let _ = value.write_fmt(part);
}

/// The members of a list, those without a key left out. Blanks around them mean nothing.
fn members(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.split(',').filter_map(|member| member.trim_matches([' ', '\t']).split_once('='))
}

/// A member with both of its halves, which stand beside each other in the list.
fn whole<'l>(list: &'l str, key: &'l str, value: &'l str) -> &'l str {
    let start = key.as_ptr().addr() - list.as_ptr().addr();
    &list[start..start + key.len() + 1 + value.len()]
}

/// `lcalpha *( lcalpha / DIGIT )`
fn is_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// `*( ALPHA / DIGIT / "." / "_" / "-" )`
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::random;

    /// The same for lists that no header could bring.
    fn trace_state(came_in: Option<&str>, kept_by: Option<Threshold>) -> Option<String> {
        let list = came_in.unwrap_or_default();
        Member::of_list(list).unwrap_or_default().with_threshold(kept_by).put_into(list)
    }

    #[test]
    fn what_is_not_changed_goes_on_as_it_came() {
        let long = format!("a={},b={},c={}", "x".repeat(250), "x".repeat(250), "x".repeat(250));
        let list: TraceState = format!("{long},ot=th:8").parse().unwrap();
        assert_eq!(super::trace_state(&list, threshold("8")), list);
        assert_eq!(super::trace_state(&list, threshold("c")).get("ot"), Some("th:c"));
        assert!(super::trace_state(&TraceState::EMPTY, None).is_empty());
    }

    fn threshold(text: &str) -> Option<Threshold> {
        Threshold::parse(text)
    }

    #[test]
    fn a_member_says_threshold_and_randomness() {
        let member = Member::of_list("rojo=1,ot=th:c;rv:9b8233f7e3a151,congo=2").unwrap();
        let randomness = Randomness::parse("9b8233f7e3a151").unwrap();
        assert_eq!(member.randomness(), Some(randomness));
        assert_eq!(member.threshold(true, randomness), None, "it contradicts the randomness");
        assert_eq!(member.threshold(true, Randomness::new(u64::MAX)), threshold("c"));
        assert_eq!(member.threshold(false, Randomness::new(u64::MAX)), None, "not sampled");
    }

    #[test]
    fn what_others_say_keeps_its_order() {
        let member = Member::parse("zz:1;th:8;aa:2.x_-Y;rv:00000000000000").unwrap();
        assert_eq!(member.to_value().unwrap(), "th:8;rv:00000000000000;zz:1;aa:2.x_-Y");
        let changed = member.with_threshold(threshold("c")).put_into("a=1, b=2 ,ot=x:y,c=3");
        assert_eq!(changed.unwrap(), "ot=th:c;rv:00000000000000;zz:1;aa:2.x_-Y,a=1,b=2,c=3");
    }

    #[test]
    fn nothing_to_say_leaves_the_list_of_others() {
        assert_eq!(trace_state(None, None), None);
        assert_eq!(trace_state(Some("ot=th:8"), None), None);
        assert_eq!(trace_state(Some("a=1,ot=th:8,b=2"), None).unwrap(), "a=1,b=2");
        assert_eq!(trace_state(None, threshold("8")).unwrap(), "ot=th:8");
        assert_eq!(trace_state(Some("a=1"), threshold("0")).unwrap(), "ot=th:0,a=1");
        let kept = trace_state(Some("ot=rv:00000000000001;th:8"), threshold("c"));
        assert_eq!(kept.unwrap(), "ot=th:c;rv:00000000000001");
    }

    #[test]
    fn a_hostile_member_says_nothing() {
        let long = format!("x:{}", "y".repeat(255));
        let hostile = [
            "",
            ";",
            ":",
            "th",
            "th:",
            "th:8;",
            ";th:8",
            "th:8;;rv:1",
            "TH:8",
            "th:8;th:c",
            "1x:1",
            "th:8 ;x:1",
            "x:é",
            "x:\0",
            "x:y:z",
            "x=1",
            &long,
        ];
        for value in hostile {
            let threshold = Member::parse(value)
                .and_then(|member| member.threshold(true, Randomness::new(u64::MAX)));
            assert_eq!(threshold, None, "{value:?}");
        }
        for value in ["th:8", "th:8;x:"] {
            assert!(Member::parse(value).is_some(), "{value:?}");
        }
        assert_eq!(Member::of_list("ot=th:8,ot=th:c"), None, "who is right?");
        // Numbers that are none spoil only themselves.
        let member = Member::parse("th:xyz;rv:12;a:1").unwrap();
        assert_eq!(member.to_value().unwrap(), "a:1");
    }

    #[test]
    fn a_list_stays_within_its_limits() {
        let many: Vec<_> = (0..40).map(|n| format!("k{n}=v")).collect();
        let list = trace_state(Some(&many.join(",")), threshold("8")).unwrap();
        assert_eq!(list.split(',').count(), MAX_MEMBERS);
        assert!(list.starts_with("ot=th:8,k0=v,k1=v,"));
        let long = format!("a=1,l={},b=2,m={},c=3", "x".repeat(300), "y".repeat(200));
        let list = trace_state(Some(&long), threshold("8")).unwrap();
        assert!(list.len() <= MAX_LIST);
        assert_eq!(list.matches(['m', 'y']).count(), 0, "of the long ones the last goes first");
        assert!(list.starts_with("ot=th:8,a=1,l=x") && list.ends_with(",b=2,c=3"));
    }

    #[test]
    fn no_text_breaks_the_parser_and_what_it_writes_it_reads() {
        const PIECES: [&str; 14] = [
            "ot",
            "=",
            "th",
            "rv",
            ":",
            ";",
            ",",
            "8",
            "c0",
            "9b8233f7e3a151",
            " ",
            "x",
            "é",
            "\t",
        ];
        for _ in 0..20_000 {
            let piece = |_| PIECES[usize::try_from(random() % 14).unwrap()];
            let text: String = (0..random() % 24).map(piece).collect();
            let threshold = Threshold::new(random() >> 8);
            let Some(written) = trace_state(Some(&text), threshold) else { continue };
            assert!(written.len() <= MAX_LIST);
            let member = Member::of_list(&written).unwrap_or_default();
            assert_eq!(member.threshold(true, Randomness::new(u64::MAX)), threshold, "{text:?}");
            assert_eq!(trace_state(Some(&written), threshold), Some(written.clone()), "{text:?}");
        }
    }
}
