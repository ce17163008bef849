//! A queue between two services: each message carries the context of who sent it. One consumer continues the
//! sender's trace, another works on many messages at once, in a trace of its own that refers to all senders.
//!
//! `cargo run -p traced-examples --example 06_queue`

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use traced::{Context, propagation, traced};

/// A message with headers, as Kafka, AMQP and the like have them.
struct Message {
    headers: BTreeMap<String, String>,
    order: u64,
}

impl Message {
    fn sender(&self) -> Context {
        propagation::extract(&self.headers)
    }
}

#[traced(kind = producer)]
fn send(order: u64, queue: &Sender<Message>) {
    let mut headers = BTreeMap::new();
    propagation::inject(&mut headers);
    queue.send(Message { headers, order }).expect("somebody receives");
}

/// One message is one piece of work: it belongs to the sender's trace.
#[traced(kind = consumer, parent = message.sender())]
fn ship(message: &Message) {
    traced::record!(order = message.order);
}

/// A batch belongs to nobody's trace, and refers to all of them.
#[traced(kind = consumer, root, links = batch.iter().map(Message::sender))]
fn count(batch: &[Message]) {
    traced::record!(orders = batch.len());
}

#[traced]
fn checkout(order: u64, queue: &Sender<Message>) {
    send(order, queue);
}

fn drain(queue: &Receiver<Message>) -> Vec<Message> {
    queue.try_iter().collect()
}

fn main() {
    let spans = traced::test::capture(|| {
        let (sender, receiver) = channel();
        (1..=3).for_each(|order| checkout(order, &sender));
        let batch = drain(&receiver);
        batch.iter().for_each(ship);
        count(&batch);
    });
    print!("{}", traced::console::render(&spans, &traced::console::Style::detect()));
    let batch = spans.named("count");
    println!("\n{} refers to {} senders", batch.name, batch.links.len());
}
