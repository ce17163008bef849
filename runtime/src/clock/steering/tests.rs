//! Clocks of our own making: a counter of `TICKS_PER_NS`, a wall clock, and whatever happens to them.

use super::*;

const TICKS_PER_NS: u64 = 3;
const UNIX_AT_ZERO: u64 = 1_700_000_000_000_000_000;
const WIDTH_TICKS: u64 = 200;
const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;
const HOUR: u64 = 3_600 * SECOND;

/// The tick at zero of the monotonic clock: a machine that has run for days.
const TICK_AT_ZERO: u64 = 1 << 50;

const fn tick_at(monotonic_ns: u64) -> u64 {
    TICK_AT_ZERO + monotonic_ns * TICKS_PER_NS
}

/// All is well.
const fn reading_at(monotonic_ns: u64) -> Reading {
    let pair = Pair { tick: tick_at(monotonic_ns), monotonic_ns, width_ticks: WIDTH_TICKS };
    Reading { pair, unix_ns: UNIX_AT_ZERO + monotonic_ns }
}

fn steering_since(first_ns: u64, now_ns: u64) -> Steering {
    Steering::between(Source::Tsc, reading_at(first_ns).pair, reading_at(now_ns))
}

/// The same counter with `leap` ticks more, or fewer.
fn leapt(mut reading: Reading, leap: i64) -> Reading {
    reading.pair.tick = reading.pair.tick.checked_add_signed(leap).unwrap();
    reading
}

fn stepped(mut reading: Reading, step_ns: i64) -> Reading {
    reading.unix_ns = reading.unix_ns.checked_add_signed(step_ns).unwrap();
    reading
}

/// Read by a thread that was preempted in every bracket, after the clocks.
fn preempted(mut reading: Reading, for_ticks: u64) -> Reading {
    reading.pair.tick += for_ticks / 2;
    reading.pair.width_ticks = for_ticks;
    reading
}

#[track_caller]
fn assert_near(actual: u64, expected: u64, tolerance: u64) {
    let off = actual.abs_diff(expected);
    assert!(off <= tolerance, "{actual} is {off} from {expected}");
}

#[test]
fn hours_before_and_after_the_anchor_come_out_right() {
    let line = steering_since(2 * HOUR, 3 * HOUR).line();
    for at in [0, HOUR, 3 * HOUR - 1, 3 * HOUR, 3 * HOUR + 1, 4 * HOUR, 100 * HOUR] {
        // The ratio is rounded down by less than 2^-38 of itself.
        assert_near(
            line.unix_ns(tick_at(at)),
            UNIX_AT_ZERO + at,
            1 + (at.abs_diff(3 * HOUR) >> 38),
        );
    }
}

#[test]
fn the_limits_of_ticks_saturate() {
    let line = steering_since(HOUR, 2 * HOUR).line();
    assert_near(line.unix_ns(0), UNIX_AT_ZERO - TICK_AT_ZERO / TICKS_PER_NS, SECOND);
    let now = UNIX_AT_ZERO + 2 * HOUR;
    let of_zero = Line::through(0, now, line.ratio);
    assert_eq!(of_zero.unix_ns(u64::MAX), now + line.ratio.ns(u64::MAX));
    let slow_counter = NsPerTick::measured(1, 1_000).unwrap();
    let slow = Line::through(1 << 40, now, slow_counter);
    assert_eq!(slow.unix_ns(u64::MAX), u64::MAX);
    assert_eq!(slow.unix_ns(0), now - slow_counter.ns(1 << 40));
    assert_eq!(Line::through(1 << 60, now, slow_counter).unix_ns(0), 0);
}

#[test]
fn without_any_baseline_there_is_still_an_answer() {
    let line = steering_since(SECOND, SECOND).line();
    assert_eq!(line.unix_ns(tick_at(SECOND)), UNIX_AT_ZERO + SECOND);
    assert_eq!(line.ratio, NsPerTick::ONE);
}

#[test]
fn a_rough_ratio_is_replaced_by_the_next_reading() {
    let mut first = reading_at(0);
    first.pair.tick += 100;
    let mut steering = Steering::between(Source::Tsc, first.pair, reading_at(MS / 100));
    assert!(!steering.slope.is_settled());
    steering.take_in(reading_at(SECOND));
    assert!(steering.slope.is_settled());
    assert_near(steering.line().ratio.ns(3 * SECOND), SECOND, 50);
}

#[test]
fn readings_that_agree_leave_every_time_as_it_was() {
    let mut steering = steering_since(0, SECOND);
    let before = steering.line();
    for second in 2..1_000 {
        steering
            .take_in(leapt(reading_at(second * SECOND), if second % 2 == 0 { 50 } else { -50 }));
        for at in [0, second * SECOND] {
            assert_eq!(steering.line().unix_ns(tick_at(at)), before.unix_ns(tick_at(at)));
        }
    }
}

#[test]
fn a_preempted_reading_moves_nothing() {
    let mut steering = steering_since(0, SECOND);
    let before = steering.line().unix_ns(tick_at(SECOND));
    steering.take_in(preempted(reading_at(2 * SECOND), 10 * MS * TICKS_PER_NS));
    assert_eq!(steering.line().unix_ns(tick_at(SECOND)), before);
    assert_near(steering.line().unix_ns(tick_at(2 * SECOND)), UNIX_AT_ZERO + 2 * SECOND, 10);
}

#[test]
fn a_slewed_clock_is_followed_within_a_baseline() {
    let mut steering = steering_since(0, HOUR);
    // After an hour the counter runs 100 ppm fast.
    let slewed_at = |since_ns| {
        let more_ticks = since_ns * TICKS_PER_NS / 10_000;
        leapt(reading_at(HOUR + since_ns), i64::try_from(more_ticks).unwrap())
    };
    for second in 1..=62 {
        steering.take_in(slewed_at(second * SECOND));
    }
    for second in [32, 62] {
        let reading = slewed_at(second * SECOND);
        assert_near(steering.line().unix_ns(reading.pair.tick), reading.unix_ns, 100);
    }
}

#[test]
fn a_counter_that_restarted_is_followed_at_once() {
    let mut steering = steering_since(0, HOUR);
    let restarted = leapt(reading_at(HOUR + SECOND), -(1 << 49));
    steering.take_in(restarted);
    let line = steering.line();
    assert_eq!(line.unix_ns(restarted.pair.tick), restarted.unix_ns);
    assert_near(line.ratio.ns(3 * SECOND), SECOND, 50);
}

#[test]
fn a_counter_that_restarted_faster_gets_the_new_ratio() {
    let mut steering = steering_since(0, HOUR);
    for second in 1..=2 {
        let faster = i64::try_from(second * SECOND).unwrap();
        steering.take_in(leapt(reading_at(HOUR + second * SECOND), faster - (1 << 49)));
    }
    assert_near(steering.line().ratio.ns(4 * SECOND), SECOND, 50);
}

#[test]
fn after_a_leap_the_old_ratio_stays_until_a_new_baseline_shows_one() {
    let mut steering = steering_since(0, HOUR);
    for (after_leap, noise) in [(0, 0), (1, 40), (100, -40), (5_000, 40), (SECOND, 0)] {
        let leap = i64::try_from(HOUR).unwrap();
        let reading = leapt(reading_at(HOUR + SECOND + after_leap), leap + noise);
        steering.take_in(reading);
        assert_near(steering.line().unix_ns(reading.pair.tick), reading.unix_ns, 1);
        assert_near(steering.line().ratio.ns(3 * SECOND), SECOND, 100);
    }
    assert!(steering.slope.is_settled());
}

#[test]
fn a_machine_that_moved_to_a_faster_host_gets_the_new_ratio() {
    let mut steering = steering_since(0, HOUR);
    for second in 1..=3 {
        let extra = i64::try_from(second * SECOND).unwrap();
        steering.take_in(leapt(reading_at(HOUR + second * SECOND), extra));
    }
    assert_near(steering.line().ratio.ns(4 * SECOND), SECOND, 50);
}

#[test]
fn a_sleep_before_the_collector_started_is_outgrown() {
    let awake = |at| leapt(reading_at(at), i64::try_from(HOUR).unwrap());
    let mut steering = Steering::between(Source::Tsc, reading_at(0).pair, awake(HOUR));
    for second in 1..=2 {
        steering.take_in(awake(HOUR + second * SECOND));
    }
    assert_near(steering.line().ratio.ns(3 * SECOND), SECOND, 50);
}

#[test]
fn the_wall_clock_is_followed_when_it_steps_either_way() {
    let hour = i64::try_from(HOUR).unwrap();
    for step_ns in [2_000_000, -2_000_000, hour, -hour] {
        let mut steering = steering_since(0, SECOND);
        let now = stepped(reading_at(2 * SECOND), step_ns);
        steering.take_in(now);
        assert_near(steering.line().unix_ns(now.pair.tick), now.unix_ns, 10);
        let ratio = steering.line().ratio;
        assert_near(ratio.ns(3 * SECOND), SECOND, 50);
    }
}

#[test]
fn less_than_a_step_is_noise() {
    let mut steering = steering_since(0, SECOND);
    let tick = tick_at(SECOND);
    let before = steering.line().unix_ns(tick);
    for noise_ns in [900_000, -900_000, 100, -100] {
        steering.take_in(stepped(reading_at(2 * SECOND), noise_ns));
        assert_eq!(steering.line().unix_ns(tick), before);
    }
}

#[test]
fn a_wall_clock_before_1970_gives_zero_and_no_panic() {
    let mut now = reading_at(HOUR);
    now.unix_ns = 0;
    let line = Steering::between(Source::Tsc, reading_at(0).pair, now).line();
    assert_eq!(line.unix_ns(tick_at(0)), 0);
    assert_near(line.unix_ns(tick_at(2 * HOUR)), HOUR, HOUR >> 38);
}

#[test]
fn readings_at_the_limits_do_not_overflow() {
    let extremes = [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX];
    let readings = extremes.into_iter().flat_map(|tick| {
        extremes.into_iter().map(move |other| Reading {
            pair: Pair { tick, monotonic_ns: other, width_ticks: other },
            unix_ns: u64::MAX - other,
        })
    });
    let mut steering = steering_since(0, 0);
    for reading in readings.clone().chain(readings.collect::<Vec<_>>().into_iter().rev()) {
        steering.take_in(reading);
        for tick in extremes {
            let _ = steering.line().unix_ns(tick);
        }
    }
}
