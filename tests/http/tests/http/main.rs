//! Servers and clients in one process, over loopback.

mod axum_server;
mod reqwest_client;
