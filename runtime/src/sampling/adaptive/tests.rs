//! Against known populations: time and randomness are given, and every bound follows from them.
#![allow(clippy::cast_precision_loss, reason = "counts below 2^53")]

use super::rates::TICK_NS;
use super::*;

const SECOND: u64 = 1_000_000_000;

/// A sequence that is the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between zero and one.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// One trace of a population.
#[derive(Clone, Copy)]
struct Trace {
    at: u64,
    kind: u64,
    bytes: u64,
    is_failed: bool,
    /// Something in it failed, and the root did not.
    is_mended: bool,
    randomness: Randomness,
}

/// What became of it.
#[derive(Clone, Copy)]
struct Outcome {
    trace: Trace,
    kept: bool,
    /// Zero where it has none.
    weight: f64,
    /// What chance it had to be kept with one.
    chance: f64,
}

fn facts(trace: &Trace, head: Head) -> Facts {
    Facts {
        kind: trace.kind,
        randomness: trace.randomness,
        is_sampled: head.sampled,
        threshold: head.threshold,
        is_joined: false,
        is_finished: true,
        duration_ns: 1_000_000,
        bytes: trace.bytes,
        is_failed: trace.is_failed,
        has_error: trace.is_failed || trace.is_mended,
        has_slow: false,
        has_rare: false,
        is_forced: false,
    }
}

fn weight_of(verdict: Verdict, head: Head) -> f64 {
    match verdict {
        Verdict::Keep => head.threshold.map_or(0.0, Threshold::weight),
        Verdict::KeepAt(threshold) => threshold.weight(),
        Verdict::KeepPartial | Verdict::Drop => 0.0,
    }
}

/// A trace, what its start decided, and the chance that it had.
type Open = (Trace, Head, f64);

/// Sends a population through a sampler; each trace takes `latency` nanoseconds.
fn run(sampler: &Adaptive, latency: u64, traces: impl Iterator<Item = Trace>) -> Vec<Outcome> {
    let mut open = std::collections::VecDeque::new();
    let mut outcomes = Vec::new();
    let mut finish = |(trace, head, chance): Open| {
        let now = trace.at + latency;
        sampler.look(now);
        let chance = chance.min(let_in(sampler.all.level(now), QUARTER_FULL, STEEP));
        let verdict = sampler.end_at(now, &facts(&trace, head));
        let kept = verdict != Verdict::Drop;
        outcomes.push(Outcome { trace, kept, weight: weight_of(verdict, head), chance });
    };
    for trace in traces {
        while open.front().is_some_and(|(first, ..): &Open| first.at + latency <= trace.at) {
            open.pop_front().map(&mut finish);
        }
        sampler.look(trace.at);
        let chance = sampler.chance(trace.at, sampler.keys.find(trace.kind));
        let head = sampler.start_at(trace.at, trace.kind, trace.randomness, None);
        open.push_back((trace, head, chance));
    }
    open.into_iter().for_each(finish);
    outcomes
}

/// Traffic of one kind at so many traces a second.
fn steady(seed: u64, kind: u64, from: u64, seconds: u64, rate: u64) -> Vec<Trace> {
    let mut chance = Chance(seed);
    let count = seconds * rate;
    let trace = |n: u64| Trace {
        at: from + n * SECOND / rate,
        kind,
        bytes: 1000,
        is_failed: false,
        is_mended: false,
        randomness: Randomness::new(chance.next()),
    };
    (0..count).map(trace).collect()
}

fn mixed(mut all: Vec<Trace>) -> impl Iterator<Item = Trace> {
    all.sort_by_key(|trace| trace.at);
    all.into_iter()
}

fn failing(part: f64, traces: Vec<Trace>) -> Vec<Trace> {
    let mut chance = Chance(99);
    traces.into_iter().map(|trace| Trace { is_failed: chance.part() < part, ..trace }).collect()
}

/// The weights add up to the number of traces, within Freedman's bound for sums of which each step is fair by
/// itself: one population in ten thousand would miss it.
#[track_caller]
fn assert_true_count<'o>(outcomes: impl Iterator<Item = &'o Outcome> + Clone) {
    let count = outcomes.clone().count() as f64;
    let (mut sum, mut variance, mut heaviest) = (0.0, 0.0, 0.0_f64);
    for outcome in outcomes {
        sum += outcome.weight;
        variance += 1.0 / outcome.chance - 1.0;
        heaviest = heaviest.max(1.0 / outcome.chance - 1.0);
    }
    let odds = (2.0 / 1e-4_f64).ln();
    let bound = (2.0 * variance * odds).sqrt() + heaviest * odds / 3.0 + 1e-6;
    assert!((sum - count).abs() <= bound, "{sum} for {count}, more than {bound} away");
}

/// No ten seconds have more of either than the budget allows, with five percent to spare.
#[track_caller]
fn assert_within(budget: Budget, outcomes: &[Outcome]) {
    let mut kept: Vec<_> =
        outcomes.iter().filter(|outcome| outcome.kept).map(|o| o.trace).collect();
    kept.sort_by_key(|trace| trace.at);
    let (mut from, mut bytes) = (0, 0);
    for (to, trace) in kept.iter().enumerate() {
        bytes += trace.bytes;
        while kept[from].at + 10 * SECOND <= trace.at {
            bytes -= kept[from].bytes;
            from += 1;
        }
        let traces = (to - from + 1) as f64;
        assert!(traces <= 10.5 * budget.traces_per_second + 1.0, "{traces} in ten seconds");
        assert!(bytes as f64 <= 10.5 * budget.bytes_per_second + 1000.0, "{bytes} in ten seconds");
    }
}

fn kept(outcomes: &[Outcome], of: impl Fn(&Trace) -> bool) -> usize {
    outcomes.iter().filter(|outcome| outcome.kept && of(&outcome.trace)).count()
}

fn roomy() -> Adaptive {
    Adaptive::within(Budget { traces_per_second: 100.0, bytes_per_second: 1e9 })
}

#[test]
fn a_service_with_little_traffic_keeps_all_of_it() {
    let outcomes = run(&roomy(), 5_000_000, steady(1, 1, 0, 60, 50).into_iter());
    assert_eq!(kept(&outcomes, |_| true), outcomes.len());
    assert!(outcomes.iter().all(|outcome| (outcome.weight - 1.0).abs() < 1e-9));
}

#[test]
fn uniform_traffic_is_estimated_and_within_the_budget() {
    let sampler = roomy();
    let traffic = (1..=10).flat_map(|kind| steady(kind, kind, kind, 30, 500)).collect();
    let outcomes = run(&sampler, 20_000_000, mixed(traffic));
    assert_true_count(outcomes.iter());
    assert_within(sampler.budget, &outcomes);
    for kind in 1..=10 {
        assert_true_count(outcomes.iter().filter(|outcome| outcome.trace.kind == kind));
    }
    let used = kept(&outcomes, |_| true) as f64 / 3000.0;
    assert!((0.85..1.05).contains(&used), "{used} of the budget is used");
}

#[test]
fn a_kind_that_has_99_percent_does_not_starve_the_others() {
    let sampler = roomy();
    let mut traffic = steady(1, 1, 0, 30, 10_000);
    traffic.extend((2..=20).flat_map(|kind| steady(kind, kind, kind * 1_000_000, 30, 10)));
    let outcomes = run(&sampler, 20_000_000, mixed(traffic));
    assert_true_count(outcomes.iter());
    assert_within(sampler.budget, &outcomes);
    for kind in 2..=20 {
        assert_true_count(outcomes.iter().filter(|outcome| outcome.trace.kind == kind));
        let kept = kept(&outcomes, |trace| trace.kind == kind);
        assert!(kept > 300 / 5, "{kept} of 300");
    }
    assert!(kept(&outcomes, |trace| trace.kind == 1) > 30 * 3, "nor does it starve itself");
}

#[test]
fn bursts_are_estimated_and_within_the_budget() {
    let sampler = roomy();
    let mut traffic = steady(1, 1, 0, 60, 20);
    for at in [10, 25, 40] {
        traffic.extend(steady(at, 2, at * SECOND, 2, 20_000));
    }
    let outcomes = run(&sampler, 50_000_000, mixed(traffic));
    assert_true_count(outcomes.iter());
    assert_true_count(outcomes.iter().filter(|outcome| outcome.trace.kind == 1));
    assert_within(sampler.budget, &outcomes);
    // Between the bursts everything of the small kind has room again.
    let quiet = |trace: &Trace| trace.kind == 1 && (33..38).contains(&(trace.at / SECOND));
    assert_eq!(kept(&outcomes, quiet), 100);
}

#[test]
fn changing_traffic_is_estimated_and_within_the_budget() {
    let sampler = roomy();
    let traffic = (0..60).flat_map(|second| {
        // A tide between 100 and 10,000 a second, and a kind that is new every ten seconds.
        let rate = 100 + 9900 * (30 - (30_i64 - second).unsigned_abs()) / 30;
        let second = second.unsigned_abs();
        steady(second, 100 + second / 10, second * SECOND, 1, rate)
    });
    let outcomes = run(&sampler, 20_000_000, mixed(traffic.collect()));
    assert_true_count(outcomes.iter());
    assert_within(sampler.budget, &outcomes);
}

#[test]
fn silence_is_forgotten_and_a_new_kind_is_seen_at_once() {
    let sampler = roomy();
    let mut traffic = steady(1, 1, 0, 10, 20_000);
    traffic.extend(steady(2, 1, 20 * SECOND, 10, 10));
    traffic.extend(steady(3, 2, 25 * SECOND, 5, 10));
    let outcomes = run(&sampler, 1_000_000, mixed(traffic));
    let after = |second: u64, kind: u64| {
        let is_it = move |trace: &Trace| trace.at >= second * SECOND && trace.kind == kind;
        (kept(&outcomes, is_it), outcomes.iter().filter(|o| is_it(&o.trace)).count())
    };
    let (kept, of) = after(21, 1);
    assert_eq!(kept, of, "a second after the silence");
    let (kept, of) = after(25, 2);
    assert_eq!(kept, of, "from the first one on");
}

#[test]
fn every_error_is_kept_where_they_are_few() {
    let sampler = roomy();
    let traffic = failing(0.0001, steady(1, 1, 0, 50, 10_000));
    let outcomes = run(&sampler, 20_000_000, traffic.into_iter());
    let errors = outcomes.iter().filter(|outcome| outcome.trace.is_failed).count();
    assert!(errors > 30);
    assert_eq!(kept(&outcomes, |trace| trace.is_failed), errors);
    assert_true_count(outcomes.iter());
    assert_within(sampler.budget, &outcomes);
    assert_eq!(sampler.counts.read().kept(Class::Error), errors as u64);
}

#[test]
fn errors_have_their_half_and_the_rest_theirs() {
    for (part, seed) in [(0.01, 1), (0.04, 1), (0.2, 2)] {
        let sampler = roomy();
        let outcomes =
            run(&sampler, 20_000_000, failing(part, steady(seed, 1, 0, 30, 5_000)).into_iter());
        let errors = kept(&outcomes, |trace| trace.is_failed);
        // What chance samples of them comes on top of their half.
        assert!((1350..=1900).contains(&errors), "{errors} of 50 a second");
        assert!(kept(&outcomes, |trace| !trace.is_failed) > 30 * 20);
        assert_true_count(outcomes.iter());
        assert_true_count(outcomes.iter().filter(|outcome| outcome.trace.is_failed));
        assert_within(sampler.budget, &outcomes);
    }
}

#[test]
fn an_outage_is_no_explosion() {
    let sampler = roomy();
    let outcomes = run(&sampler, 20_000_000, failing(1.0, steady(1, 1, 0, 30, 5_000)).into_iter());
    let kept = kept(&outcomes, |_| true);
    assert!((30 * 85..=30 * 105).contains(&kept), "{kept}");
    assert_true_count(outcomes.iter());
    assert_within(sampler.budget, &outcomes);
}

#[test]
fn a_burst_of_a_million_traces_is_within_both_budgets_and_keeps_its_errors() {
    let sampler = Adaptive::new();
    let mut chance = Chance(7);
    let mut traffic = steady(1, 1, 0, 12, 50);
    traffic.extend(failing(0.01, steady(2, 2, 5 * SECOND, 3, 333_333)));
    for trace in &mut traffic {
        trace.bytes = 2000 + chance.next() % 40_000;
        trace.is_mended = !trace.is_failed && chance.next() % 100 == 0;
    }
    let outcomes = run(&sampler, 10_000_000, mixed(traffic));
    assert_within(sampler.budget, &outcomes);
    assert_true_count(outcomes.iter());
    // The ceiling of errors is half a budget, here of bytes: about 23 of 22 KiB a second; that of those which were
    // dealt with a twentieth.
    let errors = kept(&outcomes, |trace| trace.is_failed);
    assert!(errors >= 3 * 22, "{errors}");
    let mended = kept(&outcomes, |trace| trace.is_mended);
    assert!(mended >= 3 * 2, "{mended}");
}

#[test]
fn a_byte_budget_limits_large_traces() {
    let sampler = Adaptive::new();
    let mut traffic = steady(1, 1, 0, 30, 100);
    for trace in &mut traffic {
        trace.bytes = 100_000;
    }
    let outcomes = run(&sampler, 20_000_000, traffic.into_iter());
    assert_within(sampler.budget, &outcomes);
    assert_true_count(outcomes.iter());
    assert!(kept(&outcomes, |_| true) > 30 * 8, "of ten that fit");
}

#[test]
fn two_services_agree() {
    let (large, small) =
        (Adaptive::new().max_traces_per_sec(200), Adaptive::new().max_traces_per_sec(50));
    let traffic = || steady(1, 1, 0, 20, 10_000).into_iter();
    let settled = |trace: &Trace| trace.at > 5 * SECOND;
    let kept_by = |sampler: &Adaptive| {
        let outcomes = run(sampler, 1_000_000, traffic());
        let kept = outcomes.into_iter().filter(|outcome| outcome.kept && settled(&outcome.trace));
        kept.map(|outcome| outcome.trace.randomness.to_u64())
            .collect::<std::collections::HashSet<_>>()
    };
    let (by_large, by_small) = (kept_by(&large), kept_by(&small));
    let common = by_small.intersection(&by_large).count();
    // Thresholds move a little, so that a few at the edge are of one alone.
    assert!(common * 100 >= by_small.len() * 97, "{common} of {}", by_small.len());
}

fn joined(sampler: &Adaptive, parent: Parent, trace: &Trace) -> (Head, Verdict) {
    let head = sampler.start_at(trace.at, trace.kind, trace.randomness, Some(parent));
    let facts = Facts { is_joined: true, ..facts(trace, head) };
    (head, sampler.end_at(trace.at, &facts))
}

#[test]
fn a_service_that_is_called_follows_and_thins_what_is_too_much() {
    let sampler = roomy();
    let quarter = Threshold::of_probability(0.25).unwrap();
    let mut outcomes = Vec::new();
    for trace in steady(1, 1, 0, 30, 4000) {
        let is_sampled = quarter.admits(trace.randomness);
        let parent =
            Parent { is_remote: true, is_sampled, threshold: is_sampled.then_some(quarter) };
        sampler.look(trace.at);
        let slot = sampler.keys.find(trace.kind);
        let part = 0.25 * sampler.keys.slot(slot).part().unwrap_or(1.0);
        let chance = part.min(let_in(sampler.all.level(trace.at), QUARTER_FULL, STEEP));
        let (head, verdict) = joined(&sampler, parent, &trace);
        assert_eq!(head.sampled, is_sampled);
        assert!(is_sampled || verdict == Verdict::Drop || trace.at < SECOND);
        let weight = weight_of(verdict, head);
        outcomes.push(Outcome { trace, kept: verdict != Verdict::Drop, weight, chance });
    }
    assert_within(sampler.budget, &outcomes);
    assert_true_count(outcomes.iter());
    assert!(kept(&outcomes, |_| true) > 30 * 85);
}

#[test]
fn errors_in_a_trace_that_was_not_sampled_are_partial_in_every_service() {
    let unsampled = Parent { is_remote: true, is_sampled: false, threshold: None };
    let (first, second) = (roomy(), roomy());
    let mut kept = [0, 0];
    for trace in failing(1.0, steady(1, 1, 0, 20, 1000)) {
        let verdicts = [&first, &second].map(|sampler| joined(sampler, unsampled, &trace).1);
        assert_eq!(verdicts[0], verdicts[1], "the same randomness, the same decision");
        assert_ne!(verdicts[0], Verdict::Keep);
        kept[usize::from(verdicts[0] == Verdict::KeepPartial)] += 1;
    }
    assert!((900..=1050).contains(&kept[1]), "{} of 50 a second", kept[1]);
}

#[test]
fn each_class_has_its_ceiling() {
    type Set = fn(&mut Facts);
    let set: [(Class, Set); 5] = [
        (Class::Forced, |facts| facts.is_forced = true),
        (Class::Error, |facts| (facts.is_failed, facts.has_error) = (true, true)),
        (Class::Slow, |facts| facts.has_slow = true),
        (Class::Rare, |facts| facts.has_rare = true),
        (Class::Handled, |facts| facts.has_error = true),
    ];
    for (class, set) in set {
        let sampler = roomy();
        for trace in steady(1, 1, 0, 20, 1000) {
            let mut facts = facts(&trace, Head::UNTIL_END);
            set(&mut facts);
            sampler.end_at(trace.at, &facts);
        }
        let counts = sampler.counts.read();
        let expected = 20.0 * 100.0 * class.ceiling();
        let kept = counts.kept(class) as f64;
        assert!((0.9 * expected..=1.1 * expected).contains(&kept), "{class}: {kept}");
        let all = Class::ALL.into_iter().map(|class| {
            let dropped = counts.dropped_by_chance(class) + counts.dropped_over_budget(class);
            counts.kept(class) + dropped
        });
        assert_eq!(all.sum::<u64>(), 20_000, "each is counted once");
    }
}

#[test]
fn what_takes_much_longer_than_its_likes_is_slow() {
    let sampler = roomy();
    let mut kept = [0, 0];
    for (n, trace) in steady(1, 1, 0, 20, 1000).iter().enumerate() {
        let is_slow = n % 1000 == 999;
        let duration_ns = if is_slow { 100_000_000 } else { 1_000_000 };
        let verdict =
            sampler.end_at(trace.at, &Facts { duration_ns, ..facts(trace, Head::UNTIL_END) });
        let is_kept = verdict == Verdict::KeepPartial && trace.at > SECOND / 2;
        kept[usize::from(is_slow)] += usize::from(is_kept);
    }
    assert_eq!(kept, [0, 20]);
}

#[test]
fn steps_of_the_clock_stop_nothing_and_open_nothing() {
    let sampler = roomy();
    let mut now = 1_000_000 * SECOND;
    let mut chance = Chance(3);
    for (step, back) in [(0, false), (3600 * SECOND, false), (500_000 * SECOND, true), (0, false)] {
        now = if back { now - step } else { now + step };
        let trace = |n: u64, chance: &mut Chance| Trace {
            at: now + n * SECOND / 10_000,
            kind: 1,
            bytes: 1000,
            is_failed: false,
            is_mended: false,
            randomness: Randomness::new(chance.next()),
        };
        let traffic: Vec<_> = (0..100_000).map(|n| trace(n, &mut chance)).collect();
        let outcomes = run(&sampler, 0, traffic.into_iter());
        let kept = kept(&outcomes, |_| true);
        assert!((700..=1050).contains(&kept), "{kept} in ten seconds");
        assert_true_count(outcomes.iter());
        now += 10 * SECOND;
    }
}

#[test]
fn a_base_rate_is_never_exceeded() {
    let sampler = roomy().base_rate(0.1);
    let outcomes = run(&sampler, 1_000_000, steady(1, 1, 0, 30, 500).into_iter());
    let part = kept(&outcomes, |_| true);
    assert!((1300..1700).contains(&part), "{part} of 15,000");
    // Before anybody has looked, all that is new is rare.
    let mut settled = outcomes.iter().filter(|outcome| outcome.kept && outcome.trace.at > SECOND);
    assert!(settled.all(|outcome| outcome.weight > 9.99));
    assert_true_count(outcomes.iter());
    let none = roomy().base_rate(0.0);
    let outcomes = run(&none, 0, steady(1, 1, 0, 9, 100).into_iter());
    let late = kept(&outcomes, |trace| trace.at > SECOND);
    assert_eq!(late, 0);
    assert!((1..=10).contains(&kept(&outcomes, |_| true)), "the first of a new kind are rare");
}

#[test]
fn threads_that_decide_together_stay_within_the_budget() {
    let sampler = roomy();
    let kept: usize = std::thread::scope(|threads| {
        let decide = |seed| {
            let sampler = &sampler;
            move || {
                let traffic = steady(seed, seed % 3, 0, 10, 20_000);
                traffic
                    .iter()
                    .filter(|trace| {
                        let head = sampler.start_at(trace.at, trace.kind, trace.randomness, None);
                        sampler.end_at(trace.at, &facts(trace, head)) != Verdict::Drop
                    })
                    .count()
            }
        };
        let all: Vec<_> = (0..4).map(|seed| threads.spawn(decide(seed))).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    // Their clocks are not the same, so that each may be ahead by all of its ten seconds; the bucket goes with
    // whoever is ahead.
    assert!(kept <= 1051 + 50, "{kept}");
}

#[test]
fn the_parts_are_looked_at_ten_times_a_second() {
    assert_eq!(SECOND / TICK_NS, 10);
}
