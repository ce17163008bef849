//! `ret`: the value returned as an attribute.

use super::failed;
use std::fmt;
use traced::data::Status;
use traced::test::capture;
use traced::traced;
use traced_tests::block_on;

#[test]
fn numbers_are_recorded_and_text_is_left_out() {
    #[traced(ret)]
    fn number() -> u64 {
        7
    }
    #[traced(ret)]
    fn text() -> String {
        "secret".to_owned()
    }
    #[traced(ret)]
    async fn later() -> Option<i32> {
        Some(-7)
    }
    let spans = capture(|| {
        number();
        text();
        block_on(later());
    });
    assert_eq!(spans[0].attribute("return"), Some(&7.into()));
    assert_eq!(spans[1].attribute("return"), None);
    assert_eq!(spans[2].attribute("return"), Some(&(-7).into()));
}

#[test]
fn display_and_debug_publish() {
    #[traced(ret = display)]
    fn displayed() -> String {
        "shown".to_owned()
    }
    #[traced(ret(Debug))]
    async fn debugged(early: bool) -> Vec<u8> {
        if early {
            return vec![1];
        }
        vec![1, 2]
    }
    let spans = capture(|| {
        displayed();
        block_on(debugged(true));
        block_on(debugged(false));
    });
    assert_eq!(spans[0].attribute("return"), Some(&"shown".into()));
    assert_eq!(spans[1].attribute("return"), Some(&"[1]".into()));
    assert_eq!(spans[2].attribute("return"), Some(&"[1, 2]".into()));
}

#[test]
fn of_a_result_the_value_or_the_error_is_recorded_and_never_both() {
    #[derive(Debug)]
    struct Odd(u64);
    impl fmt::Display for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} is odd", self.0)
        }
    }
    #[traced(ret, err = display)]
    fn half(number: u64) -> Result<u64, Odd> {
        if number % 2 == 0 { Ok(number / 2) } else { Err(Odd(number)) }
    }
    let spans = capture(|| {
        half(6).unwrap();
        half(7).unwrap_err();
    });
    let (even, odd) = (&spans[0], &spans[1]);
    assert_eq!(even.attribute("return"), Some(&3.into()));
    assert_eq!(even.status, Status::Unset);
    assert_eq!(odd.attribute("return"), None);
    assert_eq!(odd.status, Status::Error("7 is odd".into()));
}

#[test]
fn a_returned_reborrow_is_seen_and_given_back() {
    #[traced(ret = display)]
    fn same(text: &mut String) -> &mut String {
        text.push('!');
        text
    }
    #[traced(ret = display)]
    fn first(text: &mut String) -> &str {
        if text.is_empty() {
            return "";
        }
        &text[..1]
    }
    #[traced(ret)]
    fn found(all: &mut Vec<u32>) -> Result<&mut u32, String> {
        all.first_mut().ok_or_else(String::new)
    }
    let spans = capture(|| {
        same(&mut "a".to_owned()).push('b');
        assert_eq!(first(&mut "xyz".to_owned()), "x");
        *found(&mut vec![4]).unwrap() += 1;
        found(&mut vec![]).unwrap_err();
    });
    assert_eq!(spans[0].attribute("return"), Some(&"a!".into()));
    assert_eq!(spans[1].attribute("return"), Some(&"x".into()));
    assert_eq!(spans[2].attribute("return"), Some(&4.into()));
    assert!(failed(&spans[3]));
}
