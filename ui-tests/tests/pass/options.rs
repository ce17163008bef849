#![deny(warnings)]
#![allow(dead_code)]

use traced::traced;

struct Order {
    id: u64,
    name: String,
}

#[traced(
    "place an order",
    skip(order),
    public(currency),
    kind = client,
    level = "debug",
    target = "shop",
    slow = "100ms",
    fields(order.id = order.id, "order.name" = %order.name, parts = ?order.name.split(' ').collect::<Vec<_>>(), later),
)]
fn all(order: &Order, currency: &str) -> usize {
    order.name.len() + currency.len()
}

#[traced(name = "named", level = 2, kind = "server", skip_all)]
fn other_spellings(a: u64) -> u64 {
    a
}

#[traced(level = Level::WARN, parent = &context)]
fn with_parent(context: traced::Context) {
    drop(context);
}

#[traced(crate = ::traced, root)]
fn with_crate() {}

struct Orders;

impl Orders {
    #[traced(skip(self, a))]
    fn as_with_tracing(&self, a: u64) -> u64 {
        a
    }
}

fn main() {
    all(&Order { id: 7, name: String::new() }, "EUR");
    other_spellings(1);
    with_parent(traced::current());
    with_crate();
    Orders.as_with_tracing(1);
}
