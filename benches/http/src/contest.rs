//! The contenders take turns; what each did is compared with the bare server in the same round.

use crate::child::{BARE, CONTENDERS, Server};
use crate::load::By;
use crate::sink::Sink;
use std::time::Duration;

struct Entry {
    name: &'static str,
    server: Server,
    sink: Sink,
    /// Requests a second, and nanoseconds of processor time for each, by round.
    rates: Vec<f64>,
    costs: Vec<f64>,
    requests: u64,
}

pub(crate) fn run(rounds: usize, seconds: f64, by: By, only: Option<&str>) {
    let mut entries: Vec<_> = CONTENDERS
        .iter()
        .filter(|(name, _)| *name == BARE || only.is_none_or(|only| name.contains(only)))
        .map(|(name, _)| Entry::start(name))
        .collect();
    let warm_up = Duration::from_millis(300);
    for entry in &mut entries {
        entry.turn(by, warm_up);
        (entry.rates, entry.costs) = (Vec::new(), Vec::new());
    }
    let mut turns: Vec<_> = (0..entries.len()).collect();
    let mut chance = 1;
    for _ in 0..rounds {
        // Nobody always has the same neighbours.
        shuffle(&mut turns, &mut chance);
        for turn in &turns {
            entries[*turn].turn(by, Duration::from_secs_f64(seconds));
        }
    }
    let bare = entries.iter().position(|entry| entry.name == BARE).expect("it takes part");
    println!(
        "{rounds} rounds of {seconds} s each by {by:?}, medians; ratios to the bare server of the same round"
    );
    println!(
        "{:28}{:>12}{:>9}{:>12}{:>9}{:>16}",
        "", "requests/s", "ratio", "CPU ns", "more", "spans/request"
    );
    for entry in &entries {
        let ratios = |of: fn(&Entry) -> &[f64]| {
            let pairs = of(entry).iter().zip(of(&entries[bare]));
            median(pairs.map(|(own, bare)| own / bare).collect())
        };
        let more = entry.costs.iter().zip(&entries[bare].costs);
        #[allow(clippy::cast_precision_loss)]
        let delivered = entry.sink.spans() as f64 / entry.requests as f64;
        println!(
            "{:28}{:>12.0}{:>9.3}{:>12.0}{:>9.0}{delivered:>16.3}",
            entry.name,
            median(entry.rates.clone()),
            ratios(|entry| &entry.rates),
            median(entry.costs.clone()),
            median(more.map(|(own, bare)| own - bare).collect()),
        );
    }
}

impl Entry {
    fn start(name: &'static str) -> Self {
        let sink = Sink::start();
        let server = Server::start(name, &sink.endpoint());
        Self { name, server, sink, rates: Vec::new(), costs: Vec::new(), requests: 0 }
    }

    #[allow(clippy::cast_precision_loss)]
    fn turn(&mut self, by: By, duration: Duration) {
        let before = self.server.processor_ns();
        let (requests, took) = by.load(self.server.port, duration);
        let processor = self.server.processor_ns() - before;
        // What it still has must not be sent in the turn of the next.
        self.server.flush();
        self.requests += requests;
        self.rates.push(requests as f64 / took.as_secs_f64());
        self.costs.push(processor as f64 / requests as f64);
    }
}

/// By a generator that is the same in every run.
fn shuffle(turns: &mut [usize], chance: &mut u64) {
    for end in (1..turns.len()).rev() {
        *chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        turns.swap(end, (*chance >> 33) as usize % (end + 1));
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
