#![allow(unused)]

use traced::traced;

struct Receipt;

#[traced(err)]
fn option() -> Option<u8> {
    None
}

#[traced(err = display)]
async fn receipt() -> Receipt {
    Receipt
}

#[traced(err = display)]
fn no_display() -> Result<u8, Receipt> {
    Err(Receipt)
}

#[traced(err(map = |error| error.code()))]
fn no_method() -> Result<u8, Receipt> {
    Err(Receipt)
}

fn main() {}
