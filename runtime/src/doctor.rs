//! What is set up, who said so, and how it goes: a plain report for whoever looks for missing spans.
//!
//! Few programs ask. Functions that serve nothing else are `#[inline]`, here and where they are called, which leaves it
//! to the crate that asks to compile them, and spares all others.

use crate::app::settle::{self, Settled};
use crate::callsite;
use crate::config::lines::Line;
use crate::hook;
use crate::pipeline::outbox::Dropped;
use crate::pipeline::outcome;
use crate::pipeline::stats::{Stats, stats};
use crate::segment::open::{OpenRoot, open_roots};
use crate::versions;
use std::fmt;
use std::time::Duration;

/// A report on tracing in this process: print it.
///
/// It says what is set up, with the source of each value (a variable, code or a default), what became of the spans,
/// which places were used and which of them record, which roots have been open for over ten minutes, whether other libraries are in the same traces, and what this
/// program was built with; for that it looks through its own file, which takes a moment. Before tracing is
/// set up it says what the variables would make of it. Values of headers, passwords in addresses and keys are left
/// out.
///
/// ```
/// println!("{}", traced::doctor());
/// ```
///
/// The text is for people and changes between versions.
#[inline]
pub fn doctor() -> Report {
    // It reads the whole program, which takes a while; what changes is looked up after it, together.
    let versions = versions::in_this_program();
    Report {
        settled: settle::settled(),
        stats: stats(),
        last_batch: outcome::last()
            .map(|last| (last.at.elapsed().unwrap_or_default(), last.result)),
        census: callsite::census(),
        open: open_roots(LONG),
        takes_part: hook::takes_part(),
        versions,
    }
}

/// A report on tracing in this process, by [`doctor`].
#[derive(Clone, Debug)]
pub struct Report {
    settled: Settled,
    stats: Stats,
    /// How long ago it was, and how many spans were taken or why not.
    last_batch: Option<(Duration, Result<u64, String>)>,
    census: callsite::Census,
    open: Vec<OpenRoot>,
    takes_part: Option<bool>,
    versions: versions::Found,
}

/// A root that is open for longer is worth a line: its trace is not seen before it ends, or waits for something.
const LONG: Duration = Duration::from_secs(600);
/// Places that do not record, and open roots, are listed up to this number.
const MOST_PLACES: usize = 20;

impl fmt::Display for Report {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "traced {} ({})", env!("CARGO_PKG_VERSION"), features())?;
        writeln!(f, "{}", self.settled.summary)?;
        self.settings(f)?;
        for warning in &self.settled.warnings {
            writeln!(f, "  not understood: {warning}")?;
        }
        if self.settled.is_active {
            self.spans(f)?;
            write_open(f, &self.open)?;
        }
        self.places(f)?;
        self.others(f)
    }
}

impl Report {
    #[inline]
    fn settings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = &self.settled.lines;
        writeln!(f, "settings")?;
        let width = lines.iter().map(|line| line.what.len()).max().unwrap_or(0);
        for Line { what, value, source } in lines {
            writeln!(f, "  {what:width$}  {value} ({source})")?;
        }
        Ok(())
    }

    #[inline]
    fn spans(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stats = &self.stats;
        writeln!(
            f,
            "spans\n  {} created, {} exported, {} on their way, {} dropped",
            stats.created,
            stats.exported,
            stats.pending,
            stats.dropped_in_all()
        )?;
        match &self.last_batch {
            None => writeln!(f, "  no batch was sent yet")?,
            Some((ago, Ok(spans))) => {
                writeln!(f, "  last batch, {} s ago: {spans} taken", ago.as_secs())?;
            }
            Some((ago, Err(why))) => {
                writeln!(f, "  last batch, {} s ago: failed, {why}", ago.as_secs())?;
            }
        }
        for reason in Dropped::ALL {
            match stats.dropped(reason) {
                0 => {}
                spans => writeln!(f, "  {spans} dropped: {reason:?}")?,
            }
        }
        Ok(())
    }

    #[inline]
    fn others(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "other libraries")?;
        let provider = match (self.settled.is_active, self.takes_part) {
            (false, _) => "not set up",
            (true, None) => "not taken part in: feature `otel` is off",
            (true, Some(true)) => "ours",
            (true, Some(false)) => {
                "somebody else's, set after ours: its spans are not in our traces"
            }
        };
        writeln!(f, "  global provider of OpenTelemetry: {provider}")?;
        write_versions(f, &self.versions)
    }

    #[inline]
    fn places(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let off = &self.census.off;
        writeln!(f, "places\n  {} used, {} of them off", self.census.used, off.len())?;
        writeln!(f, "  in blocks with #[traced], const fns, naked ones and getters have none")?;
        for place in off.iter().take(MOST_PLACES) {
            writeln!(f, "  off: {place}")?;
        }
        match off.len().saturating_sub(MOST_PLACES) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more"),
        }
    }
}

/// Roots that have been open for long, and for how long.
#[inline]
fn write_open(f: &mut fmt::Formatter<'_>, open: &[OpenRoot]) -> fmt::Result {
    writeln!(f, "roots\n  {} open for over {} minutes", open.len(), LONG.as_secs() / 60)?;
    for OpenRoot { site, open_for } in open.iter().take(MOST_PLACES) {
        writeln!(f, "  open for {} s: {}", open_for.as_secs(), callsite::path(site))?;
    }
    match open.len().saturating_sub(MOST_PLACES) {
        0 => Ok(()),
        more => writeln!(f, "  and {more} more"),
    }
}

/// Versions of the crates that have something global, and what it means that there are two.
#[inline]
fn write_versions(f: &mut fmt::Formatter<'_>, found: &versions::Found) -> fmt::Result {
    for (name, versions) in found {
        let all: Vec<_> = versions.iter().map(String::as_str).collect();
        writeln!(f, "  {name} {}", all.join(" and "))?;
        if all.len() > 1 {
            writeln!(f, "  whoever uses another {name} than we do is in traces of its own")?;
        }
    }
    Ok(())
}

#[inline]
fn features() -> String {
    let features = [
        ("otlp", cfg!(feature = "otlp")),
        ("console", cfg!(feature = "console")),
        ("grpc", cfg!(feature = "grpc")),
        ("zipkin", cfg!(feature = "zipkin")),
    ];
    let on: Vec<_> = features.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    format!("with {}", if on.is_empty() { "no exporters".to_owned() } else { on.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::__private::{About, Callsite, Name};

    static SITE: Callsite = Callsite::new(About::new(Name::Literal("fill"), "shop::cart", "", 0));

    struct Shown<F>(F);

    impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Shown<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.0)(f)
        }
    }

    #[test]
    fn two_versions_of_a_crate_are_said_to_be_in_two_traces() {
        let versions = |all: &[&str]| all.iter().map(|version| (*version).to_owned()).collect();
        let found = versions::Found::from([
            ("opentelemetry", versions(&["0.32.0", "0.33.1"])),
            ("traced", versions(&["0.1.0"])),
        ]);
        assert_eq!(
            Shown(|f: &mut fmt::Formatter<'_>| write_versions(f, &found)).to_string(),
            "  opentelemetry 0.32.0 and 0.33.1\n  \
             whoever uses another opentelemetry than we do is in traces of its own\n  \
             traced 0.1.0\n"
        );
    }

    #[test]
    fn roots_that_are_open_for_long_are_listed_with_their_age() {
        let shown =
            |open: &[OpenRoot]| Shown(|f: &mut fmt::Formatter<'_>| write_open(f, open)).to_string();
        assert_eq!(shown(&[]), "roots\n  0 open for over 10 minutes\n");
        let root = OpenRoot { site: &SITE, open_for: Duration::from_secs(723) };
        let all = shown(&[root; MOST_PLACES + 2]);
        assert!(all.starts_with("roots\n  22 open for over 10 minutes\n"), "{all}");
        assert_eq!(all.matches("  open for 723 s: shop::cart").count(), MOST_PLACES);
        assert!(all.ends_with("  and 2 more\n"), "{all}");
    }
}
