//! What the targets in `fuzz/` reach, and nobody else: they are built with `--cfg fuzzing`.

use crate::config::Config;
use crate::config::built::Built;
use crate::config::exporters::Surroundings;

pub use crate::export::otlp::proof::answer;

/// What a process understands of its variables.
#[derive(Debug, PartialEq, Eq)]
pub struct Understood {
    /// Each setting, as `doctor()` tells it.
    pub settings: Vec<String>,
    /// Each variable about which there is something to say, and what.
    pub warnings: Vec<(&'static str, String)>,
}

/// Reads variables as those of a process in which everything is built.
pub fn configure(lookup: &dyn Fn(&str) -> Option<String>, has_terminal: bool) -> Understood {
    let built = Built { otlp: true, console: true, grpc: true, zipkin: true };
    let config = Config::read(lookup, built, Surroundings { has_terminal });
    let warnings = config.warnings.iter().map(|warning| (warning.variable, warning.to_string()));
    Understood {
        settings: config.lines().into_iter().map(|line| line.value).collect(),
        warnings: warnings.collect(),
    }
}
