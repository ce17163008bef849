//! `traced::filter`: which places record, said at run time. The filter belongs to the process, so each test has
//! one of its own.

#![allow(missing_docs)]

use traced::test::capture;
use traced::{Level, filter};
use traced_tests::{in_a_process_of_its_own, site};

mod orders {
    use traced::traced;

    #[traced]
    pub(super) fn charge() {
        traced::event!("charged");
    }

    #[traced(level = "debug")]
    pub(super) fn look() {}

    #[traced(target = "billing")]
    pub(super) fn bill() {}

    #[traced(slow = "1us")]
    pub(super) fn slow() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }

    pub(super) struct Cart;

    impl Cart {
        #[traced]
        pub(super) fn fill() {}
        #[traced]
        pub(super) fn empty() {}
    }
}

fn everything() {
    orders::charge();
    orders::look();
    orders::bill();
    orders::Cart::fill();
    orders::Cart::empty();
}

#[track_caller]
fn assert_recorded(names: &str) {
    assert_eq!(capture(everything).to_string(), names);
}

const ALL: &str = "orders::charge orders::look orders::bill Cart::fill Cart::empty";

#[test]
fn a_capture_sees_everything_until_somebody_sets_a_filter() {
    in_a_process_of_its_own("a_capture_sees_everything_until_somebody_sets_a_filter", || {
        assert_recorded(ALL);
        filter("info").unwrap();
        assert_recorded("orders::charge orders::bill Cart::fill Cart::empty");
        filter("on").unwrap();
        assert_recorded(ALL);
    });
}

#[test]
fn places_are_switched_by_module_target_type_and_function() {
    in_a_process_of_its_own("places_are_switched_by_module_target_type_and_function", || {
        // Some places are used before the filter comes, and all after it.
        orders::charge();
        filter("filter::orders=off").unwrap();
        assert_recorded("orders::bill");
        filter("on,billing=off").unwrap();
        assert_recorded("orders::charge orders::look Cart::fill Cart::empty");
        filter("on,filter::orders::Cart=off").unwrap();
        assert_recorded("orders::charge orders::look orders::bill");
        filter("on,filter::orders::Cart::fill=off,filter::orders::charge=off").unwrap();
        assert_recorded("orders::look orders::bill Cart::empty");
        filter("off,filter::orders::look").unwrap();
        assert_recorded("orders::look");
    });
}

#[test]
fn a_place_that_is_used_for_the_first_time_obeys() {
    in_a_process_of_its_own("a_place_that_is_used_for_the_first_time_obeys", || {
        filter("error").unwrap();
        let spans = capture(|| {
            let _error = traced::__private::enter(site!("error"; level = Level::Error));
            let _warn = traced::__private::enter(site!("warn"; level = Level::Warn));
        });
        assert_eq!(spans.to_string(), "error");
    });
}

#[test]
fn a_threshold_makes_spans_slow_and_takes_the_place_of_their_own() {
    in_a_process_of_its_own(
        "a_threshold_makes_spans_slow_and_takes_the_place_of_their_own",
        || {
            let slow = || {
                let spans = capture(orders::slow);
                spans[0].attribute("traced.slow").is_some()
            };
            assert!(slow(), "its own threshold");
            filter("filter::orders[slow>100s]").unwrap();
            assert!(!slow());
            filter("filter::orders[slow>2ms]").unwrap();
            assert!(slow());
            filter("filter::orders[slow>100s],filter::orders::slow[slow>2ms]=on").unwrap();
            assert!(slow());
            filter("info").unwrap();
            assert!(slow(), "its own threshold is back");
            let watched = |rules: &str| {
                filter(rules).unwrap();
                let spans = capture(|| {
                    let _root = traced::__private::enter(site!("no threshold of its own"));
                    std::thread::sleep(std::time::Duration::from_millis(10));
                });
                spans[0].events.iter().any(|event| event.name == "slow")
            };
            assert!(!watched("info"));
            assert!(watched("[slow>2ms]"));
        },
    );
}

#[test]
fn a_filter_with_a_mistake_changes_nothing() {
    in_a_process_of_its_own("a_filter_with_a_mistake_changes_nothing", || {
        filter("on,filter::orders::Cart=off").unwrap();
        for mistake in ["off,filter=loud", "filter[slow>soon]", "a:b=off"] {
            filter(mistake).unwrap_err();
        }
        assert_recorded("orders::charge orders::look orders::bill");
    });
}

#[test]
fn a_span_that_is_open_while_its_place_is_switched_off_stays_whole() {
    in_a_process_of_its_own(
        "a_span_that_is_open_while_its_place_is_switched_off_stays_whole",
        || {
            let spans = capture(|| {
                let _root = traced::__private::enter(site!("root"));
                orders::charge();
                filter("off").unwrap();
                orders::charge();
                filter("on").unwrap();
                orders::charge();
            });
            assert_eq!(spans.to_string(), "root(orders::charge orders::charge)");
            assert_eq!(spans.stats().exported, 3);
        },
    );
}
