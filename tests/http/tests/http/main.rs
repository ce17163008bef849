//! Servers and clients in one process, over loopback.

mod aborts;
mod axum_server;
mod bodies;
mod concurrent;
mod grpc;
mod headers;
mod reqwest_client;
mod tower_client;
