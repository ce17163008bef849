//! Half way from `tracing`: a library, and our own old code, speak `tracing`; what is new says `#[traced]`. The traces
//! are whole, the logs go where they went, and each line in a span names it.
//!
//! `cargo run -p traced-examples --example 07_tracing`

use std::thread::sleep;
use std::time::Duration;
use traced::traced;
use traced_tracing::{Bridge, Correlated};
use tracing::{info, instrument};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What somebody else wrote: it records whatever it likes.
mod some_database {
    use super::{Duration, sleep};
    use tracing::{info_span, warn};

    pub(super) fn query(sql: &str, rows: u64) {
        let _span = info_span!("query", sql, rows).entered();
        sleep(Duration::from_millis(4));
        warn!(rows, "no index was used");
    }
}

#[instrument(skip_all, fields(order = order, customer = customer))]
fn checkout(order: u64, customer: &str) {
    info!("checkout of {customer}");
    reserve(order);
    pay(order, "4242424242424242");
}

#[instrument]
fn reserve(order: u64) {
    load_stock(order);
}

#[traced]
fn load_stock(order: u64) {
    some_database::query("SELECT left FROM stock WHERE sku = 'turntable'", order % 3);
}

#[traced]
fn pay(order: u64, card: &str) {
    sleep(Duration::from_millis(u64::from(card.len() == 16) * 3));
    info!("the card was charged");
    some_database::query("UPDATE orders SET paid = true WHERE id = ?1", order / 7);
}

fn main() {
    let lines = Correlated::new(fmt::format().without_time()).log_fields(["order"]);
    tracing_subscriber::registry()
        .with(fmt::layer().event_format(lines))
        // Our own text is ours to declare; that of libraries is not.
        .with(Bridge::new().public(module_path!(), ["customer"]))
        .init();
    // A program calls `traced::init!()`; here we want to look at the spans.
    let spans = traced::test::capture(|| checkout(7, "customer 1138"));
    println!("\n{}", traced::console::render(&spans, &traced::console::Style::detect()));
}
