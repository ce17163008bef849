//! What is told of fields and messages, and what is not.

use crate::{bridged, bridged_by};
use traced::data::Attribute;
use traced_tracing::Bridge;
use tracing::{debug, info, info_span, warn};

const SECRET: &str = "jane.doe@example.com";

/// At run time, so that no compiler knows it.
fn secret() -> String {
    std::hint::black_box(SECRET.to_owned())
}

#[test]
fn numbers_and_truths_are_told_and_text_is_not() {
    let spans = bridged(|| {
        let email = secret();
        let _span = info_span!(
            "span",
            items = 3_u32,
            ratio = 0.5,
            is_new = true,
            below = -1,
            wide = u128::MAX,
            %email,
            who = ?email,
            literal = "constant text",
            error = &std::io::Error::other(email.clone()) as &dyn std::error::Error,
        )
        .entered();
        warn!(items = 4, email = %email, "hello {email}");
    });
    let span = spans.named("span");
    let told: Vec<_> = span.attributes.iter().map(|(key, _)| &**key).collect();
    assert_eq!(told, ["items", "ratio", "is_new", "below", "wide"]);
    assert_eq!(span.attribute("below"), Some(&(-1).into()));
    let everything = format!("{spans:?}");
    assert!(!everything.contains(SECRET) && !everything.contains("hello"), "{everything}");
    let event = &span.events[0];
    assert!(
        event.name.starts_with("event ") && event.name.contains("policy.rs:"),
        "{}",
        event.name
    );
    assert_eq!(event.attributes[0], ("items".into(), 4.into()));
}

#[test]
fn numbers_under_names_that_sound_secret_are_left_out() {
    let spans = bridged(|| {
        let _span = info_span!("span", pin = 1234, user.card_number = 42, items = 1).entered();
    });
    let told: Vec<_> = spans[0].attributes.iter().map(|(key, _)| &**key).collect();
    assert_eq!(told, ["items"]);
}

#[cfg(target_os = "linux")]
#[test]
fn messages_that_are_literals_are_names() {
    let spans = bridged(|| {
        let _span = info_span!("span").entered();
        info!("the cache is cold");
        info!(message = "the cache is warm");
        info!("{}", secret());
        info!("{:?}", Some(secret()));
    });
    let names: Vec<_> = spans[0].events.iter().map(|event| event.name.to_string()).collect();
    assert_eq!(names[..2], ["the cache is cold", "the cache is warm"]);
    assert!(names[2..].iter().all(|name| name.starts_with("event ")), "{names:?}");
}

#[test]
fn what_is_declared_public_is_told_where_it_was_declared() {
    mod elsewhere {
        pub(super) fn work(order: &str) {
            let _span = tracing::info_span!("elsewhere", order_id = order, note = order).entered();
        }
    }
    let here = Bridge::new().public(module_path!(), ["order_id", "message"]);
    let there = Bridge::new().public("some::other::module", ["order_id"]);
    let work = || {
        let order = String::from("A-17");
        let _span =
            info_span!("span", order_id = %order, note = %order, debug_too = ?order).entered();
        info!("order {order} was placed");
        elsewhere::work(&order);
    };
    let spans = bridged_by(here, work);
    let span = spans.named("span");
    assert_eq!(span.attributes, [("order_id".into(), "A-17".into())]);
    assert_eq!(span.events[0].attributes[0], ("message".into(), "order A-17 was placed".into()));
    // Of the modules inside as well.
    assert_eq!(spans.named("elsewhere").attributes, [("order_id".into(), "A-17".into())]);

    let spans = bridged_by(there, work);
    assert!(spans.iter().all(|span| span.attributes.is_empty()));
}

#[test]
fn a_name_is_only_part_of_a_target_where_a_module_ends() {
    let spans = bridged_by(Bridge::new().public("shop", ["who"]), || {
        let who = secret();
        info_span!(target: "shopkeeper", "no", %who).in_scope(|| {});
        info_span!(target: "shop", "yes", %who).in_scope(|| {});
        info_span!(target: "shop::orders", "also", %who).in_scope(|| {});
    });
    assert!(spans.named("no").attributes.is_empty());
    assert_eq!(spans.named("yes").attribute("who"), Some(&Attribute::Text(SECRET.into())));
    assert_eq!(spans.named("also").attribute("who"), Some(&Attribute::Text(SECRET.into())));
}

#[test]
fn two_runs_that_differ_in_text_alone_tell_the_same() {
    let run = |who: &str| {
        let spans = bridged(|| {
            let _span = info_span!("span", who, items = who.len() / 100).entered();
            debug!(who, "seen {who}");
            warn!("{who}");
        });
        let mut told = Vec::new();
        for span in spans.iter() {
            told.push(format!("{} {:?}", span.name, span.attributes));
            told.extend(
                span.events.iter().map(|event| format!("{} {:?}", event.name, event.attributes)),
            );
        }
        told
    };
    // A constant of the program would be no secret.
    let somebody_else = std::hint::black_box(String::from("somebody else"));
    assert_eq!(run(&secret()), run(&somebody_else));
}
