//! What is recorded on a span, and in which form.

use std::fmt::{self, Debug, Display};
use traced::__private::{Leaf, Probe, Value, enter, enter_with};
use traced::data::Attribute;
use traced::sampling::AlwaysOff;
use traced::test::{Capturing, capture};
use traced_tests::{assert_tree, elsewhere, in_a_process_of_its_own, leaf, open, site};

/// The value as it arrives.
fn recorded(value: Value<'_>) -> Option<Attribute> {
    let spans = capture(|| {
        let values = || [Value::U64(1), value, Value::Text("after")];
        drop(enter_with(site!("it", "before", "value", "after"), values));
    });
    let it = spans.named("it");
    assert_eq!(it.attribute("before"), Some(&1.into()));
    assert_eq!(it.attribute("after"), Some(&"after".into()));
    it.attribute("value").cloned()
}

fn leaf_of(value: &(impl Leaf + ?Sized)) -> Attribute {
    recorded(value.leaf()).unwrap()
}

fn text(text: &str) -> Attribute {
    Attribute::from(text)
}

#[test]
fn signed_numbers_are_numbers() {
    for number in [0, 1, -1, i64::MIN, i64::MAX] {
        assert_eq!(leaf_of(&number), number.into());
    }
    assert_eq!(leaf_of(&-7i8), (-7).into());
    assert_eq!(leaf_of(&-7i16), (-7).into());
    assert_eq!(leaf_of(&-7i32), (-7).into());
    assert_eq!(leaf_of(&-7isize), (-7).into());
}

#[test]
fn unsigned_numbers_are_numbers_as_far_as_opentelemetry_has_them() {
    assert_eq!(leaf_of(&u8::MAX), 255.into());
    assert_eq!(leaf_of(&u16::MAX), 65_535.into());
    assert_eq!(leaf_of(&u32::MAX), i64::from(u32::MAX).into());
    assert_eq!(leaf_of(&7usize), 7.into());
    assert_eq!(leaf_of(&i64::MAX.unsigned_abs()), i64::MAX.into());
}

#[test]
fn a_u64_above_that_is_its_decimal_text() {
    assert_eq!(leaf_of(&(i64::MAX.unsigned_abs() + 1)), text("9223372036854775808"));
    assert_eq!(leaf_of(&u64::MAX), text("18446744073709551615"));
}

#[test]
fn wide_numbers_are_numbers_or_decimal_text() {
    assert_eq!(leaf_of(&7i128), 7.into());
    assert_eq!(leaf_of(&i128::from(i64::MIN)), i64::MIN.into());
    assert_eq!(leaf_of(&(i128::from(i64::MIN) - 1)), text("-9223372036854775809"));
    assert_eq!(leaf_of(&i128::MIN), text(&i128::MIN.to_string()));
    assert_eq!(leaf_of(&7u128), 7.into());
    assert_eq!(leaf_of(&u128::from(u64::MAX)), text("18446744073709551615"));
    assert_eq!(leaf_of(&u128::MAX), text(&u128::MAX.to_string()));
}

#[test]
fn floating_point_numbers_keep_every_bit() {
    for number in [0.0, -0.0, 1.5, f64::MIN_POSITIVE, f64::INFINITY, f64::NAN] {
        let Attribute::F64(arrived) = leaf_of(&number) else { panic!("no float") };
        assert_eq!(arrived.to_bits(), number.to_bits());
    }
    assert_eq!(leaf_of(&0.5f32), 0.5.into());
}

#[test]
fn truths_characters_and_nonzero_numbers() {
    assert_eq!(leaf_of(&true), true.into());
    assert_eq!(leaf_of(&false), false.into());
    for character in ['a', '\0', 'é', '€', '🦀'] {
        assert_eq!(leaf_of(&character), text(&character.to_string()));
    }
    assert_eq!(leaf_of(&std::num::NonZeroU64::MAX), text("18446744073709551615"));
    assert_eq!(leaf_of(&std::num::NonZeroU32::MIN), 1.into());
    assert_eq!(leaf_of(&std::num::NonZeroUsize::MIN), 1.into());
}

#[test]
fn text_of_every_length_arrives_whole() {
    let long: String = ('a'..='z').cycle().take(40).collect();
    for length in 0..=40 {
        assert_eq!(leaf_of(&long[..length]), text(&long[..length]));
    }
}

#[test]
fn text_of_every_script_arrives_whole() {
    let characters = ["é", "ß", "漢", "字", "🦀", "\u{0}", "ü", "\u{10ffff}"];
    for length in 0..40 {
        let mixed: String = characters.iter().cycle().take(length).copied().collect();
        assert_eq!(leaf_of(&mixed), text(&mixed));
    }
}

const TEXT_LIMIT: usize = 16 * 1024;

#[test]
fn text_at_the_limit_is_whole_and_longer_text_is_cut() {
    let long = "x".repeat(TEXT_LIMIT + 1);
    for length in [TEXT_LIMIT - 1, TEXT_LIMIT] {
        assert_eq!(leaf_of(&long[..length]), text(&long[..length]));
    }
    assert_eq!(leaf_of(&long), text(&long[..TEXT_LIMIT]));
}

#[test]
fn a_hundred_megabytes_are_cut_between_characters() {
    for (character, shift) in [("é", 1), ("€", 0), ("€", 1), ("🦀", 0), ("🦀", 3)] {
        let huge = "x".repeat(shift) + &character.repeat((100 << 20) / character.len());
        let Attribute::Text(arrived) = leaf_of(&huge) else { panic!("no text") };
        assert!(huge.starts_with(&arrived));
        assert!(arrived.len() <= TEXT_LIMIT && arrived.len() > TEXT_LIMIT - character.len());
    }
}

#[test]
fn a_hundred_megabytes_from_display_are_cut_while_they_are_written() {
    struct Endless;
    impl Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..100 << 20).try_for_each(|_| f.write_str("é"))
        }
    }
    assert_eq!(recorded(Value::Display(&Endless)), Some(text(&"é".repeat(TEXT_LIMIT / 2))));
}

#[test]
fn arrays_keep_their_type() {
    assert_eq!(leaf_of(&[1i64, -1, i64::MIN]), Attribute::I64s(vec![1, -1, i64::MIN]));
    assert_eq!(leaf_of(&vec![1u64, 2]), Attribute::I64s(vec![1, 2]));
    assert_eq!(leaf_of(&[0.5, -0.5]), Attribute::F64s(vec![0.5, -0.5]));
    assert_eq!(leaf_of(&[true, false, true]), Attribute::Bools(vec![true, false, true]));
    let texts = ["", "a", "12345678", "123456789", "é€🦀"];
    assert_eq!(leaf_of(&texts), Attribute::Texts(texts.map(String::from).to_vec()));
}

#[test]
fn empty_arrays_are_arrays() {
    assert_eq!(recorded(Value::I64s(&[])), Some(Attribute::I64s(Vec::new())));
    assert_eq!(recorded(Value::U64s(&[])), Some(Attribute::I64s(Vec::new())));
    assert_eq!(recorded(Value::F64s(&[])), Some(Attribute::F64s(Vec::new())));
    assert_eq!(recorded(Value::Bools(&[])), Some(Attribute::Bools(Vec::new())));
    assert_eq!(recorded(Value::Texts(&[])), Some(Attribute::Texts(Vec::new())));
}

#[test]
fn one_number_too_large_makes_the_whole_array_text() {
    let expected = vec!["1".to_owned(), u64::MAX.to_string()];
    assert_eq!(leaf_of(&[1, u64::MAX]), Attribute::Texts(expected));
}

#[test]
fn long_arrays_are_cut() {
    let Attribute::I64s(arrived) = leaf_of(&(0..1000).collect::<Vec<i64>>()) else { panic!() };
    assert_eq!(arrived, (0..128).collect::<Vec<i64>>());
    let Attribute::Texts(arrived) = leaf_of(&["é"; 1000][..]) else { panic!() };
    assert_eq!(arrived, vec!["é"; 128]);
}

#[test]
fn what_has_no_policy_is_left_out() {
    assert_eq!(recorded(Value::LeftOut), None);
    assert_eq!(recorded(Probe(&None::<u64>).value()), None);
    assert_eq!(recorded(Probe(&Some(7u64)).value()), Some(7.into()));
    assert_eq!(recorded(None::<&str>.leaf()), None);
}

#[test]
fn pointers_follow_their_content() {
    assert_eq!(leaf_of(&Box::new("boxed")), text("boxed"));
    assert_eq!(leaf_of(&std::sync::Arc::new(7)), 7.into());
    assert_eq!(leaf_of(&std::borrow::Cow::Borrowed("cow")), text("cow"));
    assert_eq!(leaf_of(&Some(String::from("some"))), text("some"));
}

#[test]
fn display_and_debug_are_written() {
    assert_eq!(recorded(Value::Display(&"a\"b")), Some(text("a\"b")));
    assert_eq!(recorded(Value::Debug(&"a\"b")), Some(text("\"a\\\"b\"")));
}

struct Panics;

impl Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half of it, ")?;
        panic!("cannot be shown")
    }
}

impl Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("cannot be shown")
    }
}

#[test]
fn a_value_that_panics_leaves_a_placeholder() {
    let placeholder = Some(text("[panicked while formatting]"));
    assert_eq!(recorded(Value::Display(&Panics)), placeholder);
    assert_eq!(recorded(Value::Debug(&Panics)), placeholder);
}

#[test]
fn a_value_that_fails_leaves_a_placeholder() {
    struct Fails;
    impl Display for Fails {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half of it, ")?;
            Err(fmt::Error)
        }
    }
    assert_eq!(recorded(Value::Display(&Fails)), Some(text("[failed while formatting]")));
}

struct Traced;

impl Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _inside = enter_with(site!("shown", "inner"), || [Value::Display(&"inner text")]);
        leaf();
        f.write_str("outer text")
    }
}

#[test]
fn a_traced_function_may_be_called_while_formatting() {
    let spans = capture(|| {
        open!(_root = "root");
        let _it = enter_with(site!("it", "a", "b"), || [Value::Display(&Traced), Value::Debug(&7)]);
        leaf();
    });
    assert_tree(&spans, "root(shown(leaf) it(leaf))");
    assert_eq!(spans.named("it").attribute("a"), Some(&text("outer text")));
    assert_eq!(spans.named("it").attribute("b"), Some(&text("7")));
    assert_eq!(spans.named("shown").attribute("inner"), Some(&text("inner text")));
}

#[test]
fn a_traced_function_may_be_called_while_the_values_of_a_root_are_formatted() {
    let spans = capture(|| {
        let _it = enter_with(site!("it", "a"), || [Value::Display(&Traced)]);
        leaf();
    });
    assert_tree(&spans, "shown(leaf) it(leaf)");
}

#[test]
fn a_value_that_panics_inside_of_a_traced_function_closes_its_spans() {
    struct PanicsInside;
    impl Display for PanicsInside {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            open!(_inside = "inside");
            panic!("cannot be shown")
        }
    }
    let spans = capture(|| {
        open!(_root = "root");
        drop(enter_with(site!("it", "a"), || [Value::Display(&PanicsInside)]));
        leaf();
    });
    assert_tree(&spans, "root(inside it leaf)");
}

#[test]
fn values_are_not_looked_at_where_nothing_is_recorded() {
    // A capture of another test would switch the place on.
    let test = "values::values_are_not_looked_at_where_nothing_is_recorded";
    in_a_process_of_its_own(test, || {
        let values = || -> [Value<'static>; 1] { panic!("looked at") };
        drop(enter_with(site!("off", "a"), values));
    });
}

#[test]
fn values_are_not_looked_at_inside_of_an_unsampled_trace() {
    let spans = Capturing::new().sampler(AlwaysOff).run(|| {
        open!(_root = "root");
        drop(enter_with(site!("off", "a"), || -> [Value<'static>; 1] { panic!("looked at") }));
    });
    assert_tree(&spans, "");
}

#[test]
fn a_span_goes_without_values_that_fit_no_record() {
    let text = "x".repeat(TEXT_LIMIT);
    let huge = || [Value::Text(&text); 65];
    let spans = capture(|| {
        let _root = enter_with(site!("root", "a"), huge);
        let _span = enter_with(site!("span", "a"), huge);
        leaf();
    });
    assert_tree(&spans, "root(span(leaf))");
    assert!(spans.iter().all(|span| span.attributes.is_empty()));
}

#[test]
fn a_value_that_leaves_a_span_open_takes_its_own_span_into_it() {
    struct Leaks;
    impl Display for Leaks {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            std::mem::forget(enter(site!("leaked")));
            f.write_str("leaks")
        }
    }
    let spans = elsewhere(|| {
        capture(|| {
            open!(_root = "root");
            {
                open!(_around = "around");
                let _it = enter_with(site!("it", "a"), || [Value::Display(&Leaks)]);
            }
            leaf();
        })
    });
    assert_tree(&spans, "root(around(leaked(it)) leaf)");
}

#[test]
fn attributes_that_find_no_room_are_counted() {
    let text = "x".repeat(16 * 1024);
    let spans = capture(|| {
        open!(_root = "root");
        let _it = enter_with(site!("it", "a"), || [Value::Text(&text); 65]);
    });
    assert_eq!(spans.named("it").dropped_attributes, 65);
}
