//! OTLP: bytes against the types that `opentelemetry-proto` generates, field by field; and delivery to a
//! collector that does what a script says.

#![allow(missing_docs)]

mod compare;
mod delivery;
mod encoding;
mod process;
mod program;
mod sink;
