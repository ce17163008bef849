//! A shop's checkout as a trace: an argument that is published and one that is not, a slow section, and an
//! error, all from attributes.
//!
//! `cargo run -p traced-examples --example 01_first_trace`

use std::thread::sleep;
use std::time::Duration;
use traced::traced;

#[derive(Debug)]
enum PayError {
    Declined,
}

#[traced]
fn checkout(order: u64, #[public] currency: &str, card_number: &str) -> Result<(), PayError> {
    reserve(order);
    {
        let _section = traced::section!("load account", slow = "20ms");
        sleep(Duration::from_millis(25));
    }
    charge(1_999, currency, card_number)
}

#[traced]
fn reserve(order: u64) {
    assert!(order > 0);
    traced::event!("reserved", items = 3);
    sleep(Duration::from_millis(5));
}

// `cents` is a number and is recorded. `card_number` is text, and nobody declared it public.
#[traced(slow = "50ms")]
fn charge(cents: u64, #[public] currency: &str, card_number: &str) -> Result<(), PayError> {
    sleep(Duration::from_millis(10));
    let is_accepted = currency == "eur" && cents < 1_000 && !card_number.is_empty();
    if is_accepted { Ok(()) } else { Err(PayError::Declined) }
}

fn main() {
    let spans = traced::test::capture(|| {
        if let Err(error) = checkout(7, "eur", "4000 0000 0000 0002") {
            println!("the caller still gets its error: {error:?}\n");
        }
    });
    print!("{}", traced::console::render(&spans, &traced::console::Style::detect()));
}
