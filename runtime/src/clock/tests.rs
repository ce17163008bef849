use super::*;

#[test]
fn ticks_of_one_thread_never_go_back_and_are_never_zero() {
    let mut last = ticks();
    for _ in 0..100_000 {
        let now = ticks();
        assert!(now >= last && now != 0);
        last = now;
    }
}

#[test]
fn every_source_of_this_target_reads_forward() {
    for source in [tsc::NATIVE, Source::Instant] {
        let from = source.ticks();
        let mut to = from;
        for _ in 0..1_000 {
            to = source.ticks();
        }
        assert!(to > from && from > 0, "{source:?}");
    }
}

#[test]
fn the_chosen_source_exists_here_and_stays() {
    let chosen = source();
    assert!(chosen == tsc::NATIVE || chosen == Source::Instant);
    ticks();
    assert_eq!(source(), chosen);
}

/// The source belongs to the whole process, and other tests run in this one: these start their own.
#[cfg(not(miri))]
mod in_a_process_of_its_own {
    use super::*;
    use crate::alone::alone;

    #[test]
    fn first_calls_of_many_threads_agree() {
        alone(module_path!(), "first_calls_of_many_threads_agree", || {
            let first_call = || (ticks(), source());
            let seen: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(first_call)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let first = reading::first(source());
            assert!(seen.iter().all(|&(tick, chosen)| tick > 0 && chosen == source()));
            assert!(seen.iter().all(|&(tick, _)| tick >= first.tick));
        });
    }

    #[test]
    fn a_forced_source_is_taken_where_it_exists_and_refused_elsewhere() {
        alone(
            module_path!(),
            "a_forced_source_is_taken_where_it_exists_and_refused_elsewhere",
            || {
                for wanted in [Source::Instant, Source::Tsc, Source::Counter, Source::Instant] {
                    let before = source();
                    let exists = wanted == Source::Instant || wanted == tsc::NATIVE;
                    assert_eq!(force(wanted), exists);
                    assert_eq!(source(), if exists { wanted } else { before });
                    assert!(ticks() > 0);
                }
            },
        );
    }

    #[test]
    fn a_source_forced_before_the_first_call_stands() {
        alone(module_path!(), "a_source_forced_before_the_first_call_stands", || {
            assert!(force(Source::Instant));
            let (before, tick, after) = (instant::now_ns(), ticks(), instant::now_ns());
            assert!(before <= tick && tick <= after);
            assert_eq!(source(), Source::Instant);
        });
    }

    #[test]
    fn a_ratio_is_forgotten_with_its_source() {
        alone(module_path!(), "a_ratio_is_forgotten_with_its_source", || {
            let ratio = ratio::NsPerTick::measured(1, 7).unwrap();
            elapsed::publish(slope::Slope { ratio, error_ppm: 0 });
            assert_eq!(elapsed_ns(1, 1_001), 7_000);
            assert!(force(Source::Instant));
            assert_eq!(elapsed_ns(1, 1_001), 1_000);
        });
    }

    #[test]
    fn a_calibration_follows_a_forced_source() {
        alone(module_path!(), "a_calibration_follows_a_forced_source", || {
            assert!(force(tsc::NATIVE));
            let mut calibration = Calibration::start();
            calibration.refresh();
            assert!(force(Source::Instant));
            calibration.refresh();
            assert_eq!(calibration.span_ns(1, 1_001), 1_000);
            assert_eq!(elapsed_ns(1, 1_001), 1_000);
        });
    }
}
