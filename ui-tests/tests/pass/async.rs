#![deny(warnings)]
#![allow(dead_code)]

use std::fmt::Display;
use traced::traced;

#[traced]
async fn nothing() {}

#[traced]
async fn elided(a: &str, b: &str) -> usize {
    nothing().await;
    a.len() + b.len()
}

#[traced]
async fn question_marks(text: &str) -> Result<u8, Box<dyn std::error::Error + Send + Sync>> {
    let number: u8 = text.parse()?;
    nothing().await;
    if number == 0 {
        return Err("zero".into());
    }
    Ok(number)
}

#[traced]
async fn impl_argument(x: impl Display) -> String {
    x.to_string()
}

#[traced]
async fn impl_return(x: u8) -> impl Fn() -> u8 {
    move || x
}

#[traced]
async fn impl_inside(x: u8) -> Result<impl Fn() -> u8, String> {
    Ok(move || x)
}

#[traced]
async fn two<'a, 'b>(a: &'a str, b: &'b mut Vec<&'a str>) -> Option<&'a str> {
    b.push(a);
    b.pop()
}

#[traced]
async fn anonymous(a: &mut Vec<&str>, c: std::borrow::Cow<'_, str>) -> usize {
    a.clear();
    c.len()
}

#[traced]
async fn never() -> ! {
    loop {
        nothing().await;
    }
}

#[traced]
async fn recursive(n: u64) -> u64 {
    if n < 2 { n } else { Box::pin(recursive(n - 1)).await + 1 }
}

#[traced(root)]
async fn rooted(_: String, (a, _): (u64, u64)) -> u64 {
    a
}

struct Store(u64);

impl Store {
    #[traced]
    async fn by_ref(&self, key: u64) -> Option<&u64> {
        (key == 0).then_some(&self.0)
    }

    #[traced]
    async fn by_value(self) -> u64 {
        self.0
    }
}

trait Get {
    async fn get(&self, key: u64) -> Option<u64>;
}

impl Get for Store {
    #[traced]
    async fn get(&self, key: u64) -> Option<u64> {
        self.by_ref(key).await.copied()
    }
}

fn sends<T: Send>(_: T) {}

fn main() {
    sends(elided("", ""));
    sends(question_marks(""));
    sends(Store(1).by_value());
}
