//! `section!(…)`, which stands where an attribute cannot: in closures, in nested `async` blocks, in the input of macros.

use traced::test::capture;
use traced::{Redact, section, traced};
use traced_tests::{assert_tree, block_on, leaf, yield_now};

const QUERY: &str = "select 1";

#[derive(Redact)]
struct Card {
    #[public]
    brand: String,
    #[redact(last = 4)]
    number: String,
}

fn card() -> Card {
    Card { brand: "visa".to_owned(), number: "4111111111111111".to_owned() }
}

#[test]
fn with_every_form_of_value() {
    struct Plain;
    impl std::fmt::Display for Plain {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("plain")
        }
    }
    #[traced("f")]
    fn f(order: u64, currency: &str) {
        let (card, plain, text) = (card(), Plain, String::from("hidden"));
        let _part = section!(
            "part",
            slow = "1ns",
            sql = QUERY,
            order,
            literal = "text",
            sum = order + 1,
            "a.b" = order,
            c.d = %plain,
            debug = ?Some(order),
            %plain,
            #[public] currency = currency,
            hidden = text,
            #[redact] marked = text,
            #[redact(len)] length = text,
            card,
        );
        std::thread::sleep(std::time::Duration::from_micros(10));
    }
    let spans = capture(|| f(7, "EUR"));
    assert_tree(&spans, "f(part)");
    let part = spans.named("part");
    for (key, value) in [
        ("db.query.text", QUERY),
        ("literal", "text"),
        ("c.d", "plain"),
        ("debug", "Some(7)"),
        ("plain", "plain"),
        ("currency", "EUR"),
        ("marked", "[redacted]"),
        ("card.brand", "visa"),
    ] {
        assert_eq!(part.attribute(key), Some(&value.into()), "{key}");
    }
    for (key, value) in [("order", 7), ("sum", 8), ("a.b", 7), ("length", 6)] {
        assert_eq!(part.attribute(key), Some(&value.into()), "{key}");
    }
    assert_eq!(part.attribute("hidden"), None);
    assert!(part.attribute("card.number").is_some());
    assert_eq!(part.attribute("traced.slow"), Some(&true.into()));
}

#[test]
fn under_a_threshold_it_is_not_slow() {
    #[traced("f")]
    fn f() {
        let _part = section!("part", slow = "3600s");
    }
    let spans = capture(f);
    assert_eq!(spans.named("part").attribute("traced.slow"), None);
}

#[test]
fn where_an_attribute_cannot_stand() {
    macro_rules! timed {
        ($name:literal, $work:expr) => {{
            let _section = section!($name);
            $work
        }};
    }
    #[traced("f")]
    async fn f() -> u64 {
        let sum: u64 = [1, 2]
            .into_iter()
            .map(|n| {
                timed!("closure", {
                    leaf();
                    n
                })
            })
            .sum();
        let nested = async {
            let _section = section!("nested");
            yield_now().await;
            leaf();
            sum
        };
        nested.await
    }
    let spans = capture(|| assert_eq!(block_on(f()), 3));
    assert_tree(&spans, "f(closure(leaf) closure(leaf) nested(leaf))");
}

#[test]
fn its_values_are_made_only_where_it_is_recorded() {
    fn value() -> u64 {
        unreachable!("nothing is recorded here")
    }
    let _section = section!("part", n = value());
}
