#![deny(warnings)]
#![allow(dead_code)]

use std::fmt::{Debug, Display};
use std::sync::Mutex;
use traced::traced;

#[traced]
fn nothing() {}

#[traced]
fn one_expression(a: u64) -> u64 {
    a + 1
}

#[traced]
fn locked(counter: Mutex<u32>) -> u32 {
    *counter.lock().unwrap()
}

#[traced]
fn returned_reborrow(pair: &mut (u8, u8)) -> Result<&mut u8, String> {
    Ok(&mut pair.0)
}

#[traced]
fn question_marks(text: &str) -> Result<u8, Box<dyn std::error::Error>> {
    let number: u8 = text.parse()?;
    if number == 0 {
        return Err("zero".into());
    }
    Ok(number)
}

#[traced]
fn coerced(n: u8) -> Box<dyn Fn() -> u8> {
    Box::new(move || n)
}

#[traced]
fn never() -> ! {
    panic!("never")
}

#[traced]
fn impl_argument(x: impl Display) -> String {
    x.to_string()
}

#[traced]
fn impl_return(x: u8, s: String) -> impl Fn() -> usize {
    move || s.len() + usize::from(x)
}

#[traced]
fn generic<T: Debug, const N: usize>(all: [T; N]) -> Option<T> {
    all.into_iter().next()
}

#[traced]
fn patterns((a, _): (String, String), mut b: Vec<u8>, _: String, [c, ..]: [u8; 3], &d: &u8) -> usize {
    b.push(c);
    a.len() + b.len() + usize::from(d)
}

#[traced]
fn r#match(r#type: u64, r#in: &str) -> usize {
    usize::try_from(r#type).unwrap() + r#in.len()
}

#[traced]
unsafe fn unsafe_function(pointer: *const u8) -> u8 {
    unsafe { *pointer }
}

#[traced]
extern "C" fn foreign(n: u8) -> u8 {
    n
}

#[traced]
#[track_caller]
fn tracked() -> Result<u32, String> {
    Ok(std::panic::Location::caller().line())
}

#[traced]
fn inner_attribute() -> u8 {
    #![allow(unused_variables)]
    let unused = 1;
    2
}

#[traced]
fn conditional(#[cfg(any())] a: DoesNotExist, #[cfg(not(any()))] b: u64) -> u64 {
    b
}

#[traced]
fn allowed(#[allow(unused_variables)] a: String, #[expect(unused_variables)] b: u64) {}

macro_rules! function {
    ($name:ident, $body:block) => {
        #[traced]
        fn $name(_n: u64) -> Option<u64> $body
    };
}
function!(from_a_macro, { None });

#[derive(Debug, Default)]
struct Orders {
    name: String,
}

impl Orders {
    #[traced]
    fn by_ref(&self) -> Result<&str, String> {
        Ok(&self.name)
    }

    #[traced]
    fn by_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.name)
    }

    #[traced]
    fn by_value(mut self) -> String {
        self.name.push('!');
        self.name
    }

    #[traced]
    fn by_box(self: Box<Self>) {}

    #[traced]
    fn by_pin(mut self: std::pin::Pin<&mut Self>) {
        self.as_mut().get_mut().name.clear();
    }
}

fn main() {
    let line = line!() + 1;
    assert_eq!(tracked(), Ok(line));
    assert_eq!(question_marks("7").unwrap(), 7);
    let _ = from_a_macro(1);
}
