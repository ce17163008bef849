//! Rules: which part of the traces of one route, or of one place, is sampled, whatever another sampler thinks.

use super::{End, Head, Sampled, Sampler, Start, Threshold, Verdict};
use crate::callsite::path_of;
use std::fmt;

/// Says for single routes and places which part of the traces that begin there is sampled; another sampler decides
/// about the rest, and at the end.
///
/// The first rule that fits counts. A part of `0.0` is off: nothing of such a trace is recorded, not even its
/// errors. With any other part that decides at the start alone: what the sampler behind it keeps at the end
/// (errors, what is slow…), and that it stays within its budget, is as before.
///
/// A trace that comes from elsewhere follows its caller, and no rule.
///
/// ```
/// use traced::sampling::{Adaptive, Rules};
///
/// let sampler = Rules::over(Adaptive::new())
///     .route("/health", 0.0)
///     .route("/static/*", 0.001)
///     .place("shop::jobs", 0.1);
/// # let _ = sampler;
/// ```
///
/// The variable `TRACED_SAMPLING_RULES` says the same: `/health=off,/static/*=0.001,shop::jobs=0.1`.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    otherwise: Box<dyn Sampler>,
}

/// What is said about the traces that one pattern fits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pattern: Pattern,
    /// `None` is off.
    threshold: Option<Threshold>,
    /// As it was said.
    part: f64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    /// The whole route, or what it begins with.
    Route { text: String, is_prefix: bool },
    /// The segments of a path that the place lies under.
    Place(Vec<String>),
}

impl Rules {
    /// No rules yet, and what decides where none fits.
    pub fn over(sampler: impl Sampler) -> Self {
        Self { rules: Vec::new(), otherwise: Box::new(sampler) }
    }

    #[cfg_attr(not(feature = "init"), allow(dead_code, reason = "variables ask"))]
    pub(crate) fn of(rules: Vec<Rule>, otherwise: Box<dyn Sampler>) -> Self {
        Self { rules, otherwise }
    }

    /// This part of the traces whose root has this route, from `0.0` to `1.0`. A `*` at the end stands for
    /// anything.
    ///
    /// The route is the attribute `http.route`, `rpc.method` or `messaging.destination.name` of the root, if the
    /// root began with it.
    #[must_use]
    pub fn route(mut self, route: &str, part: f64) -> Self {
        self.rules.push(Rule::new(Pattern::route(route), part));
        self
    }

    /// This part of the traces that begin at a place under this path: a module (or what `target = "…"` says), a
    /// type or a function, as in the rules of [`filter`](crate::filter()).
    #[must_use]
    pub fn place(mut self, path: &str, part: f64) -> Self {
        self.rules.push(Rule::new(Pattern::place(path), part));
        self
    }

    fn decided(&self, rule: &Rule, root: &Start) -> Head {
        let Some(threshold) = rule.threshold else { return Head::OFF };
        // It is asked all the same, because it may count what begins.
        let undecided = self.otherwise.start(root);
        if threshold.admits(root.randomness) {
            return Head::SAMPLED.at(threshold);
        }
        if !undecided.sampled {
            return undecided;
        }
        // To the other sampler it is as if a caller had decided against it.
        let refused = self.otherwise.start(&root.clone().with_parent(false, false));
        if refused.sampled { Head::OFF } else { refused }
    }
}

impl Rule {
    fn new(pattern: Pattern, part: f64) -> Self {
        let part = if part.is_nan() { 0.0 } else { part.clamp(0.0, 1.0) };
        Self { pattern, threshold: Threshold::of_probability(part), part }
    }

    /// Reads `/static/*=0.001`, `shop::jobs=off`: what has `::` in it is a path, anything else a route.
    #[cfg_attr(not(feature = "init"), allow(dead_code, reason = "variables ask"))]
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mistake = |problem: &str| format!("`{text}`: {problem}");
        let (what, part) =
            text.rsplit_once('=').ok_or_else(|| mistake("write for example `/health=off`"))?;
        let (what, part) = (what.trim(), part.trim());
        if what.is_empty() {
            return Err(mistake("nothing stands in front of the `=`"));
        }
        let part = match part {
            "off" => 0.0,
            "on" => 1.0,
            number => match number.parse() {
                Ok(part) if (0.0..=1.0).contains(&part) => part,
                _ => return Err(mistake("not off, on or a number between 0 and 1")),
            },
        };
        let pattern = if what.contains("::") && !what.starts_with('/') {
            Pattern::place(what)
        } else {
            Pattern::route(what)
        };
        Ok(Self::new(pattern, part))
    }

    fn fits(&self, root: &Start) -> bool {
        match &self.pattern {
            Pattern::Route { text, is_prefix } => root.route.as_ref().is_some_and(|route| {
                let route = route.as_str();
                if *is_prefix { route.starts_with(text.as_str()) } else { route == text }
            }),
            Pattern::Place(path) => {
                let name = root.place_name();
                let mut its = path_of(root.place.target, &name);
                path.iter().all(|segment| its.next() == Some(segment.as_str()))
            }
        }
    }
}

impl Pattern {
    fn route(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(beginning) => Self::Route { text: beginning.to_owned(), is_prefix: true },
            None => Self::Route { text: text.to_owned(), is_prefix: false },
        }
    }

    fn place(path: &str) -> Self {
        let segments = path.strip_suffix("::*").unwrap_or(path).split("::");
        Self::Place(segments.map(|segment| segment.trim_start_matches("r#").to_owned()).collect())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pattern {
            Pattern::Route { text, is_prefix } => {
                write!(f, "{text}{}", if *is_prefix { "*" } else { "" })?;
            }
            Pattern::Place(path) => f.write_str(&path.join("::"))?,
        }
        match self.threshold {
            Some(_) => write!(f, "={}", self.part),
            None => f.write_str("=off"),
        }
    }
}

impl Sampler for Rules {
    fn start(&self, root: &Start) -> Head {
        let fitting = match root.parent {
            None => self.rules.iter().find(|rule| rule.fits(root)),
            Some(_) => None,
        };
        match fitting {
            Some(rule) => self.decided(rule, root),
            None => self.otherwise.start(root),
        }
    }

    fn end(&self, root: &End) -> Verdict {
        self.otherwise.end(root)
    }

    fn end_forced(&self, root: &End) -> Verdict {
        self.otherwise.end_forced(root)
    }

    fn sent_more(&self, bytes: u64) {
        self.otherwise.sent_more(bytes);
    }

    fn sampled(&self) -> Option<Sampled> {
        self.otherwise.sampled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callsite::{About, Name};
    use crate::id::TraceId;
    use crate::sampling::{Adaptive, AlwaysOff, AlwaysOn, Randomness, Route};

    static POLL: About = About::new(Name::Literal("jobs::poll"), "shop::jobs", "test", 0);
    static ORDER: About = About::new(Name::Literal("orders::place"), "shop::orders", "test", 0);

    fn start(place: &'static About, route: Option<&str>, randomness: u64) -> Start {
        let start =
            Start::new(TraceId::from_u128(1), place).with_randomness(Randomness::new(randomness));
        route.map_or(start.clone(), |route| start.with_route(Route::new(route)))
    }

    /// Which part of traces with an even randomness is sampled.
    fn part(sampler: &Rules, place: &'static About, route: Option<&str>) -> f64 {
        const STEPS: u64 = 1000;
        let step = (1 << 56) / STEPS;
        let sampled = |at: &u64| sampler.start(&start(place, route, at * step)).sampled;
        f64::from(u32::try_from((0..STEPS).filter(sampled).count()).unwrap()) / 1000.0
    }

    fn near(part: f64, expected: f64) -> bool {
        (part - expected).abs() < 0.002
    }

    #[test]
    fn the_first_rule_that_fits_says_which_part() {
        let rules = Rules::over(AlwaysOn)
            .route("/health", 0.0)
            .route("/static/*", 0.25)
            .place("shop::jobs", 0.5)
            .place("shop", 0.75);
        assert!(near(part(&rules, &ORDER, Some("/health")), 0.0));
        assert!(near(part(&rules, &ORDER, Some("/static/logo.png")), 0.25));
        assert!(near(part(&rules, &POLL, None), 0.5));
        assert!(near(part(&rules, &POLL, Some("/healthy")), 0.5), "a route is whole");
        assert!(near(part(&rules, &ORDER, None), 0.75));
        let others =
            Rules::over(AlwaysOn).place("shop::job", 0.0).place("shop::jobs::poll::x", 0.0);
        assert!(near(part(&others, &POLL, None), 1.0), "segments are whole, too");
        let function = Rules::over(AlwaysOn).place("shop::jobs::poll", 0.0);
        assert!(near(part(&function, &POLL, None), 0.0));
    }

    #[test]
    fn a_rule_may_sample_more_than_the_sampler_behind_it() {
        let rules = Rules::over(AlwaysOff).route("/pay", 1.0);
        assert_eq!(
            rules.start(&start(&ORDER, Some("/pay"), 0)).threshold,
            Threshold::of_probability(1.0)
        );
        assert_eq!(rules.start(&start(&ORDER, Some("/"), 0)), Head::OFF);
    }

    #[test]
    fn what_a_rule_refuses_is_recorded_if_the_end_decides_and_off_is_off() {
        let refused = |otherwise: Rules, part| {
            otherwise.route("/a", part).start(&start(&ORDER, Some("/a"), 0))
        };
        assert_eq!(refused(Rules::over(Adaptive::new()), 0.5), Head::UNTIL_END);
        assert_eq!(refused(Rules::over(Adaptive::new()), 0.0), Head::OFF);
        assert_eq!(refused(Rules::over(AlwaysOn), 0.5), Head::OFF);
        assert_eq!(refused(Rules::over(AlwaysOff), 0.5), Head::OFF);
    }

    #[test]
    fn a_trace_from_elsewhere_follows_its_caller() {
        let rules = Rules::over(Adaptive::new()).route("/a", 0.0).place("shop", 0.0);
        let start = start(&ORDER, Some("/a"), 0);
        assert!(rules.start(&start.clone().with_parent(true, true)).sampled);
        assert_eq!(rules.start(&start.with_parent(true, false)), Head::UNTIL_END);
    }

    #[test]
    fn rules_are_read_as_they_are_shown() {
        for (text, shown) in [
            ("/health=off", "/health=off"),
            ("/health=0", "/health=off"),
            (" /a=b = 0.5", "/a=b=0.5"),
            ("/static/* = 0.001", "/static/*=0.001"),
            ("shop::jobs=on", "shop::jobs=1"),
            ("shop::jobs::*=0.1", "shop::jobs=0.1"),
            ("orders.created=0.1", "orders.created=0.1"),
        ] {
            assert_eq!(Rule::parse(text).unwrap().to_string(), shown, "{text}");
        }
        for text in ["/health", "/health=", "/health=2", "=0.5", "/health=-0.1", "/health=NaN"] {
            assert!(Rule::parse(text).is_err(), "{text}");
        }
    }
}
