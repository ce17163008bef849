//! What a span of `tracing` costs on the thread that opens it: a root and 100 spans in it, each with a number.
//!
//! `cargo run --release -p traced-tracing --example cost`

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::hint::black_box;
use std::time::Instant;
use traced::Export;
use traced::data::Span;
use traced::sampling::AlwaysOn;
use traced_tracing::Bridge;
use tracing::{Dispatch, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

const ROUNDS: usize = 300;
const SPANS: u64 = 100;

/// Takes everything and keeps nothing.
#[derive(Debug)]
struct Nowhere;

impl Export for Nowhere {
    fn export(&mut self, spans: &[Span]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        black_box(spans);
        Ok(())
    }
}

fn work() {
    info_span!("root").in_scope(|| {
        for n in 0..SPANS {
            info_span!("leaf", n).in_scope(|| black_box(n));
        }
    });
}

/// The least nanoseconds a span took in any round.
#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn least(dispatch: &Dispatch) -> f64 {
    tracing::dispatcher::with_default(dispatch, || {
        let round = || {
            let begin = Instant::now();
            work();
            begin.elapsed().as_nanos() as f64 / (SPANS + 1) as f64
        };
        (0..ROUNDS).map(|_| round()).fold(f64::INFINITY, f64::min)
    })
}

fn main() -> Result<(), traced::InstallError> {
    let nobody = Dispatch::new(Registry::default());
    let bridge = Dispatch::new(Registry::default().with(Bridge::new()));
    let provider = SdkTracerProvider::builder().build();
    let theirs = tracing_opentelemetry::layer().with_tracer(provider.tracer("cost"));
    let theirs = Dispatch::new(Registry::default().with(theirs));

    println!("the registry alone                        {:6.0} ns", least(&nobody));
    println!("Bridge, and nobody traces                 {:6.0} ns", least(&bridge));
    let tracing = traced::builder().exporter(Nowhere).filter("info").sampler(AlwaysOn).install()?;
    println!("Bridge, recorded                          {:6.0} ns", least(&bridge));
    drop(tracing);
    println!("tracing-opentelemetry, no span processor  {:6.0} ns", least(&theirs));
    Ok(())
}
