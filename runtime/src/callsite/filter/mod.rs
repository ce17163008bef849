//! Which places record, and from which duration on they are slow: levels and thresholds by path.
//!
//! A filter is a list of rules, and a place obeys, for its level and for its threshold separately, the rule with
//! the longest path that it lies under. It is asked when a place is first used and when the filter
//! changes, and its answer is the place's state: a span that opens pays nothing for it.

mod parse;

pub use parse::FilterError;

use super::{Callsite, Level};

/// Rules that say which places record.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    rules: Vec<Rule>,
    /// For places that no rule speaks of.
    otherwise: Loudness,
}

/// What is said about everything under one path; an empty one is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    path: Vec<String>,
    loudness: Option<Loudness>,
    slow_ns: Option<u64>,
}

/// Up to which level places record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loudness {
    Off,
    UpTo(Level),
}

/// What a filter says about a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) records: bool,
    pub(super) slow_ns: u64,
}

impl Default for Filter {
    /// Lets places record up to level info.
    fn default() -> Self {
        Self { rules: Vec::new(), otherwise: Loudness::UpTo(Level::Info) }
    }
}

impl Filter {
    /// Lets every place record.
    pub(crate) const fn everything() -> Self {
        Self { rules: Vec::new(), otherwise: Loudness::UpTo(Level::Trace) }
    }

    /// Reads `info,shop::db=off,shop::pay[slow>50ms]`. What it does not mention records up to level info.
    pub(crate) fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self { rules: parse::rules(text)?, ..Self::default() })
    }

    /// Whether all places under this target record that are as loud as most are; `false` also where it takes more to tell.
    pub(super) fn admits_all_of(&self, target: &str) -> bool {
        let target: Vec<&str> = segments(target).collect();
        let concerns = |rule: &&Rule| rule.covers(&target) || rule.lies_under(&target);
        let said = self.rules.iter().filter(concerns).filter_map(|rule| rule.loudness);
        said.chain([self.otherwise]).all(|loudness| loudness.admits(Level::Info))
    }

    pub(super) fn decide(&self, site: &Callsite) -> Decision {
        let about = site.about();
        if self.rules.is_empty() {
            return Decision {
                records: self.otherwise.admits(about.level),
                slow_ns: about.slow_ns,
            };
        }
        let path: Vec<&str> = path_of(about.target, site.name()).collect();
        let target: Vec<&str> = segments(about.target).collect();
        let matching = self.rules.iter().filter(|rule| rule.covers(&target) || rule.covers(&path));
        let (mut loudest, mut slowest) = (None, None);
        for rule in matching {
            replace_by_longer(&mut loudest, rule.path.len(), rule.loudness);
            replace_by_longer(&mut slowest, rule.path.len(), rule.slow_ns);
        }
        Decision {
            records: loudest.map_or(self.otherwise, |(_, said)| said).admits(about.level),
            slow_ns: slowest.map_or(about.slow_ns, |(_, said)| said),
        }
    }
}

/// Of two equally long paths the one that was written later counts.
fn replace_by_longer<T>(best: &mut Option<(usize, T)>, length: usize, said: Option<T>) {
    let best_length = best.as_ref().map_or(0, |(length, _)| *length);
    if let Some(said) = said {
        if length >= best_length {
            *best = Some((length, said));
        }
    }
}

impl Rule {
    fn covers(&self, path: &[&str]) -> bool {
        path.len() >= self.path.len() && self.agrees_with(path)
    }

    fn lies_under(&self, path: &[&str]) -> bool {
        path.len() <= self.path.len() && self.agrees_with(path)
    }

    /// As far as both go.
    fn agrees_with(&self, path: &[&str]) -> bool {
        self.path.iter().zip(path).all(|(ours, its)| ours == its)
    }
}

impl Loudness {
    fn admits(self, level: Level) -> bool {
        match self {
            Self::Off => false,
            Self::UpTo(loudest) => level <= loudest,
        }
    }
}

/// The segments of a path as people write it, without the `r#` of raw identifiers.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    // The standard library's search for text would be in every program that annotates, in four kilobytes.
    let raw = std::iter::from_fn(move || {
        let path = rest.take()?;
        let end = path.as_bytes().windows(2).position(|two| two == b"::");
        rest = end.map(|end| &path[end + 2..]);
        Some(&path[..end.unwrap_or(path.len())])
    });
    raw.map(|segment| segment.strip_prefix("r#").unwrap_or(segment))
}

/// The target and, behind it, the span's name. A function's name begins with its module, which is said once:
/// `shop::orders` and `orders::charge` are `shop::orders::charge`.
pub(crate) fn path_of<'s>(target: &'s str, name: &'s str) -> impl Iterator<Item = &'s str> {
    let module = segments(target).last();
    let is_repeated = segments(name).next() == module;
    segments(target).chain(segments(name).skip(usize::from(is_repeated)))
}

/// What a rule for this place alone would say.
#[cfg(feature = "init")]
pub(super) fn path(site: &Callsite) -> String {
    path_of(site.about().target, site.name()).collect::<Vec<_>>().join("::")
}

/// Says anew which places of the process record, and from which duration on they are slow.
///
/// A filter is a list of rules, separated by commas:
///
/// | rule | meaning |
/// |---|---|
/// | `debug` | places record up to this level; without such a rule: `info` |
/// | `shop::db=off` | under this path nothing records |
/// | `shop::orders=debug` | under it places record up to this level |
/// | `shop::orders` or `shop::orders=on` | under it everything records |
/// | `shop::pay[slow>50ms]` | spans under it are slow from this duration on, whatever their `slow = "…"` says |
/// | `shop::pay[slow>50ms]=on` | both |
///
/// Levels are `off`, `error`, `warn`, `info`, `debug`, `trace` and `on`, which is `trace`; units are `ns`, `us`,
/// `ms` and `s`. A path is a module's (or what `target = "…"` says), a type's, or a function's:
/// `shop::orders::Cart::fill=off`. It covers what lies under it, by whole segments; where several cover a place, the
/// longest decides, and of equally long ones the last.
///
/// At start the variable `TRACED` is read, or what [`Builder::filter`](crate::Builder::filter) says. A filter
/// replaces the one before; spans that are open stay as they are. A filter with a mistake changes nothing.
///
/// ```
/// # mod shop {
/// #     #[traced::traced]
/// #     pub(super) fn charge() {}
/// # }
/// # fn main() -> Result<(), traced::FilterError> {
/// traced::filter("info,shop=off")?;
/// let mistake = traced::filter("info,shop=loud").unwrap_err();
/// assert!(mistake.to_string().starts_with("`shop=loud`: unknown level `loud`"));
/// # Ok(())
/// # }
/// ```
pub fn filter(rules: &str) -> Result<(), FilterError> {
    super::set_filter(Filter::parse(rules)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::{About, Name};

    fn site(name: &'static str, target: &'static str, level: Level, slow_ns: u64) -> Callsite {
        let about = About::new(Name::Literal(name), target, "test", 0);
        Callsite::new(about.level(level).slow_ns(slow_ns))
    }

    fn records(rules: &str, name: &'static str, target: &'static str, level: Level) -> bool {
        Filter::parse(rules).unwrap().decide(&site(name, target, level, 0)).records
    }

    fn slow_ns(rules: &str, target: &'static str) -> u64 {
        Filter::parse(rules).unwrap().decide(&site("pay::charge", target, Level::Info, 7)).slow_ns
    }

    #[test]
    fn each_level_admits_itself_and_what_is_more_important() {
        use Level::{Debug, Error, Info, Trace, Warn};
        let levels = [Error, Warn, Info, Debug, Trace];
        let admitted = |rules| levels.map(|level| records(rules, "a", "shop", level));
        assert_eq!(admitted("off"), [false; 5]);
        assert_eq!(admitted("error"), [true, false, false, false, false]);
        assert_eq!(admitted("warn"), [true, true, false, false, false]);
        assert_eq!(admitted("info"), [true, true, true, false, false]);
        assert_eq!(admitted("debug"), [true, true, true, true, false]);
        assert_eq!(admitted("trace"), [true; 5]);
        assert_eq!(admitted("on"), [true; 5]);
        assert_eq!(admitted(""), admitted("info"), "info is the default");
        assert_eq!(admitted("shop"), [true; 5], "a bare path switches on");
        assert_eq!(admitted("elsewhere=off"), admitted("info"));
    }

    #[test]
    fn a_path_covers_whole_segments() {
        let off = |path, name, target| !records(&format!("{path}=off"), name, target, Level::Info);
        assert!(off("shop", "charge", "shop"));
        assert!(off("shop", "orders::charge", "shop::orders"));
        assert!(off("shop::orders", "orders::charge", "shop::orders"));
        assert!(!off("shop::ord", "orders::charge", "shop::orders"));
        assert!(!off("orders", "orders::charge", "shop::orders"));
        assert!(off("shop::match", "charge", "shop::r#match"));
    }

    #[test]
    fn a_path_may_name_a_function_or_a_type() {
        let off = |path, name, target| !records(&format!("{path}=off"), name, target, Level::Info);
        assert!(off("shop::orders::charge", "orders::charge", "shop::orders"));
        assert!(!off("shop::orders::charge", "orders::refund", "shop::orders"));
        assert!(off("shop::orders::Cart", "Cart::fill", "shop::orders"));
        assert!(off("shop::orders::Cart::fill", "Cart::fill", "shop::orders"));
        assert!(!off("shop::orders::Cart::fill", "Cart::empty", "shop::orders"));
        assert!(off("shop::main", "main", "shop"));
    }

    #[test]
    fn the_longest_path_decides_and_of_equals_the_last() {
        let on = |rules| records(rules, "db::load", "shop::db", Level::Info);
        assert!(!on("shop=on,shop::db=off"));
        assert!(!on("shop::db=off,shop=on"));
        assert!(on("off,shop::db=info"));
        assert!(on("shop::db=info,off"));
        assert!(on("shop::db=off,shop::db=on"));
        assert!(!on("shop::db=on,shop::db=off"));
        assert!(on("shop::db=off,shop::db::load"));
        assert!(!on("info,off"));
    }

    #[test]
    fn a_threshold_replaces_that_of_the_place() {
        assert_eq!(slow_ns("info", "shop::pay"), 7);
        assert_eq!(slow_ns("shop::pay[slow>50ms]", "shop::pay"), 50_000_000);
        assert_eq!(slow_ns("shop::pay[slow>50ms]", "shop::db"), 7);
        assert_eq!(slow_ns("[slow>2s],shop::pay[slow>3us]", "shop::db"), 2_000_000_000);
        assert_eq!(slow_ns("[slow>2s],shop::pay[slow>3us]", "shop::pay"), 3_000);
    }

    #[test]
    fn level_and_threshold_are_decided_apart() {
        let both = Filter::parse("shop=off,shop::pay[slow>50ms],shop::pay::charge=on").unwrap();
        let decision = both.decide(&site("pay::charge", "shop::pay", Level::Trace, 0));
        assert_eq!(decision, Decision { records: true, slow_ns: 50_000_000 });
        let decision = both.decide(&site("pay::refund", "shop::pay", Level::Info, 0));
        assert_eq!(decision, Decision { records: false, slow_ns: 50_000_000 });
    }

    #[test]
    fn a_target_is_admitted_as_a_whole_where_nothing_says_otherwise() {
        let all = |rules| Filter::parse(rules).unwrap().admits_all_of("traced_http");
        for rules in ["", "info", "debug,shop=off", "traced_http", "[slow>1s],traced_http[slow>2s]"]
        {
            assert!(all(rules), "{rules}");
        }
        for rules in ["off", "warn", "traced_http=off", "traced_http::GET /health=off"] {
            assert!(!all(rules), "{rules}");
        }
        assert!(!all("off,traced_http=on"), "it takes more to tell");
        assert!(Filter::everything().admits_all_of("traced_http"));
    }

    #[test]
    fn everything_is_everything() {
        let decision = Filter::everything().decide(&site("a", "b", Level::Trace, 9));
        assert_eq!(decision, Decision { records: true, slow_ns: 9 });
    }
}
