use traced::{Redact, traced};

#[derive(Redact)]
struct Card(#[redact] String);

#[traced]
fn pay(#[public] card: &Card) {
    let _ = card;
}

fn main() {}
