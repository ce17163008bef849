//! Spans through exporters and processors that were written for the OpenTelemetry SDK.
//!
//! - `fields`: what they get to see. `sdk`: how they are driven.
//! - `grpc`, `zipkin`: over the wire to a server.

#![allow(missing_docs)]

mod fields;
mod grpc;
mod sdk;
mod zipkin;
