//! Spans through exporters and processors that were written for the OpenTelemetry SDK.
//!
//! - `fields`: what they get to see. `sdk`: how they are driven.
//! - `grpc`, `zipkin`: over the wire to a server; `http`: a small one.
//! - `interference`: a program with secrets, through each way out that there is.

#![allow(missing_docs)]

mod fields;
mod grpc;
mod http;
mod interference;
#[path = "../leaks/program.rs"]
mod program;
mod sdk;
#[path = "../leaks/secret.rs"]
mod secret;
mod zipkin;
