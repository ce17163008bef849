//! Values inside of values: names joined with dots, and bounds.

use traced::__private::Value;
use traced::data::Attribute;
use traced::redact::Fields;
use traced::test::capture;
use traced::{Redact, traced};

/// Says the same thing at every level below it.
struct Deep(usize);

impl Redact for Deep {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("level", Value::U64(self.0 as u64));
        if self.0 > 0 {
            out.walk("below", &Deep(self.0 - 1));
        }
        out.field("after", Value::Bool(true));
    }
}

#[traced]
#[allow(unused_variables, reason = "what is recorded is the test")]
fn walk(before: u64, deep: &Deep, after: bool) {}

#[test]
fn names_are_joined_with_dots() {
    let spans = capture(|| walk(1, &Deep(2), false));
    let keys: Vec<_> =
        spans.named("nested::walk").attributes.iter().map(|(key, _)| key.as_ref()).collect();
    assert_eq!(
        keys,
        [
            "before",
            "deep.level",
            "deep.below.level",
            "deep.below.below.level",
            "deep.below.below.after",
            "deep.below.after",
            "deep.after",
            "after"
        ]
    );
}

#[test]
fn depth_is_bounded_and_what_is_deeper_is_counted() {
    let spans = capture(|| walk(1, &Deep(100), false));
    let span = spans.named("nested::walk");
    assert_eq!(span.attribute("deep.below.below.below.below.below.level"), Some(&95.into()));
    assert_eq!(span.attributes.len(), 2 + 2 * 6);
    assert_eq!(span.dropped_attributes, 1);
    assert_eq!(span.attribute("after"), Some(&false.into()), "what stands behind is whole");
}

struct Wide(usize);

impl Redact for Wide {
    fn redact(&self, out: &mut Fields<'_>) {
        for number in 0..self.0 {
            out.element(number, |out| out.value(Value::U64(7)));
        }
    }
}

#[test]
fn count_is_bounded_and_what_is_more_is_counted() {
    let spans = capture(|| drop(traced::span!("it", wide = Wide(1000)).enter()));
    let span = spans.named("it");
    assert_eq!(span.attributes.len(), 64);
    assert_eq!(span.attribute("wide.63"), Some(&7.into()));
    assert_eq!(span.dropped_attributes, 1000 - 64);
}

struct Long;

impl Redact for Long {
    fn redact(&self, out: &mut Fields<'_>) {
        let long = "x".repeat(16 * 1024);
        for number in 0..10 {
            out.element(number, |out| out.value(Value::Text(&long)));
        }
    }
}

#[test]
fn size_is_bounded_and_what_is_more_is_counted() {
    let spans = capture(|| {
        let long = Long;
        drop(traced::span!("it", long = long, after = 1).enter());
    });
    let span = spans.named("it");
    assert_eq!(span.attribute("after"), Some(&1.into()));
    assert_eq!(span.attributes.len() + span.dropped_attributes as usize, 10 + 1);
    assert_eq!(span.attributes.len(), 2);
}

struct Panics;

impl Redact for Panics {
    fn redact(&self, out: &mut Fields<'_>) {
        out.field("told", Value::U64(1));
        out.inside("inside", |_| panic!("never seen"));
    }
}

#[test]
fn a_policy_that_panics_leaves_a_placeholder() {
    let spans = capture(|| {
        let panics = Panics;
        drop(traced::span!("it", before = 1, panics, kept = Panics, after = 2).enter());
    });
    let placeholder = Attribute::from("[panicked while formatting]");
    let expected: [(traced::data::Key, Attribute); 4] = [
        ("before".into(), 1.into()),
        ("panics".into(), placeholder.clone()),
        ("kept".into(), placeholder),
        ("after".into(), 2.into()),
    ];
    assert_eq!(spans.named("it").attributes, expected);
}

#[test]
fn a_value_that_an_expression_makes_is_asked_before_it_is_gone() {
    let made = || Deep(1);
    let spans = capture(|| drop(traced::span!("it", deep = made()).enter()));
    assert_eq!(spans.named("it").attribute("deep.below.level"), Some(&0.into()));
}

#[test]
fn events_and_records_are_walked_too() {
    let deep = Deep(0);
    let spans = capture(|| {
        let _span = traced::span!("it").enter();
        traced::event!("happened", deep);
        traced::record!(deep);
    });
    let span = spans.named("it");
    assert_eq!(span.attribute("deep.level"), Some(&0.into()));
    assert_eq!(span.events[0].attributes[0], ("deep.level".into(), 0.into()));
}

#[test]
fn a_dyn_policy_is_a_policy() {
    let deep: Box<dyn Redact> = Box::new(Deep(0));
    let spans = capture(|| drop(traced::span!("it", deep, other = &*deep).enter()));
    assert_eq!(spans.named("it").attribute("deep.level"), Some(&0.into()));
    assert_eq!(spans.named("it").attribute("other.level"), Some(&0.into()));
}

trait Shape: Redact {}

impl Shape for Deep {}

impl Redact for Box<dyn Shape> {
    fn redact(&self, out: &mut Fields<'_>) {
        (**self).redact(out);
    }
}

#[traced("shapes")]
#[allow(unused_variables, clippy::borrowed_box, reason = "what is recorded is the test")]
fn shapes(boxed: &Box<dyn Shape>, shared: &std::sync::Arc<dyn Shape>) {}

#[test]
fn a_dyn_of_another_trait_says_itself_what_it_tells() {
    let spans = capture(|| shapes(&(Box::new(Deep(0)) as _), &(std::sync::Arc::new(Deep(0)) as _)));
    let keys: Vec<_> = spans[0].attributes.iter().map(|(key, _)| key.as_ref()).collect();
    assert_eq!(keys, ["boxed.level", "boxed.after"]);
}
