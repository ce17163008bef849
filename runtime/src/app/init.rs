//! The short way: one line in `main`.

use super::builder::builder;
use crate::pipeline::install::{InstallError, Installed};
use crate::report::{Importance, say};

/// Sets up tracing as the variables say, and returns the guard that ends it.
///
/// ```no_run
/// let _traced = traced::init();
/// // Everything that is `#[traced]` records until the end of `main`.
/// ```
///
/// Never fails the program: what is wrong is told on standard error, once, and the program runs without tracing.
/// One line says what was set up:
///
/// ```text
/// traced: orders 1.4.2 → http://localhost:4318 (default, nothing configured), budget 100/s
/// ```
///
/// # Where the spans go
///
/// - Where `OTEL_TRACES_EXPORTER` says: `otlp`, `console`, `zipkin`, several of them with commas between, or
///   `none`.
/// - Otherwise, on a developer's terminal, to that terminal: standard error is one, neither `CI` nor
///   `KUBERNETES_SERVICE_HOST` is set, and no `OTEL_EXPORTER_OTLP_…` names a collector.
/// - Otherwise by OTLP to `OTEL_EXPORTER_OTLP_ENDPOINT`, and without that to `http://localhost:4318`.
///
/// `docs/configuration.md` lists all variables. [`builder`](crate::builder()) says the same in code.
///
/// # The guard
///
/// Its drop sends what is left, and switches tracing off; so keep it to the end of `main`. `let _ = …` drops it at
/// once: the first traced call after that says so. A second `init` says so too, changes nothing, and returns
/// the guard of nothing.
pub fn init() -> Installed {
    init_as(None)
}

/// [`init()`](crate::init()), with `service.version` from the `Cargo.toml` of the package that calls it.
///
/// ```no_run
/// let _traced = traced::init!();
/// ```
///
/// A `service.version` in `OTEL_RESOURCE_ATTRIBUTES` outweighs it.
#[macro_export]
macro_rules! init {
    () => {
        $crate::__private::init_as(::core::option_env!("CARGO_PKG_VERSION"))
    };
}

/// For generated code.
pub fn init_as(package_version: Option<&'static str>) -> Installed {
    let mut builder = builder();
    builder.said.who.package_version = package_version.filter(|version| !version.is_empty());
    builder.install().unwrap_or_else(|error| {
        match error {
            InstallError::AlreadyInstalled => say(
                Importance::Warning,
                format_args!("set up a second time; what was set up first stays as it is"),
            ),
            other => say(Importance::Error, format_args!("{other}; running without tracing")),
        }
        Installed::inactive()
    })
}
