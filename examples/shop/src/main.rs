//! The shop: four services in four processes, a few dozen orders, and the traces of them.
//!
//! `cargo run -p traced-shop` draws the most interesting ones. With `OTEL_EXPORTER_OTLP_ENDPOINT` set they
//! go to a collector instead, as Jaeger has one.
//!
//! - `orders`, `inventory`, `payment`, `shipping`: the services, with `domain` between them.
//! - `database`, `peers`: how they reach `SQLite` and each other.
//! - `service`: what is around each of them; `wire`: what they tell us.
//! - `system` starts them, `customers` keep them busy, `show` draws what came of it.

mod customers;
mod database;
mod domain;
mod inventory;
mod orders;
mod payment;
mod peers;
mod service;
mod shipping;
mod show;
mod system;
mod wire;

use std::error::Error;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((role, peers)) => service::run(role, peers),
        None => story(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shop: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the variables of OpenTelemetry say where spans go.
fn goes_to_collector() -> bool {
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

#[tokio::main(flavor = "current_thread")]
async fn story() -> Result<(), Box<dyn Error>> {
    let system = system::start().await?;
    let answers = customers::visit(&system.orders).await?;
    let told = system.stop().await?;
    print!("{}", show::all(&answers, told));
    Ok(())
}
