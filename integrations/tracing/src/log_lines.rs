//! Trace ids in what is logged by the crate `log`.

use crate::facts::Facts;
use log::{Log, Metadata, Record};

/// A logger whose messages say in which span of `traced` they were written.
///
/// ```
/// use traced_tracing::CorrelatedLog;
///
/// # struct Stderr;
/// # impl log::Log for Stderr {
/// #     fn enabled(&self, _: &log::Metadata<'_>) -> bool { true }
/// #     fn log(&self, record: &log::Record<'_>) { eprintln!("{}", record.args()) }
/// #     fn flush(&self) {}
/// # }
/// # let logger = Stderr;
/// // `env_logger::Builder::from_default_env().build()`, or any other.
/// log::set_boxed_logger(Box::new(CorrelatedLog::new(logger).log_fields(["user_id"])))?;
/// log::set_max_level(log::LevelFilter::Info);
/// # Ok::<(), log::SetLoggerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorrelatedLog<L> {
    logger: L,
    facts: Facts,
}

impl<L> CorrelatedLog<L> {
    /// With `trace_id` and `span_id` behind each message.
    pub fn new(logger: L) -> Self {
        Self { logger, facts: Facts::default() }
    }

    /// With `dd.trace_id` and `dd.span_id` in their place, as Datadog reads them.
    #[must_use]
    pub fn datadog(mut self) -> Self {
        self.facts.is_datadog = true;
        self
    }

    /// Also with these attributes, of the innermost span that has recorded them in this task or thread.
    #[must_use]
    pub fn log_fields<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.facts.fields.extend(keys.into_iter().map(Into::into));
        self
    }
}

impl<L: Log> Log for CorrelatedLog<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.logger.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !self.logger.enabled(record.metadata()) || traced::current().is_none() {
            return self.logger.log(record);
        }
        let facts = self.facts.as_text();
        // All of it, key-values too, with more at the end of the message.
        let message = format_args!("{}{facts}", record.args());
        self.logger.log(&record.to_builder().args(message).build());
    }

    fn flush(&self) {
        self.logger.flush();
    }
}
