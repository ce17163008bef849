#![allow(unused)]

use traced::traced;

#[traced(nmae = "order")]
fn nearest() {}

#[traced(colour)]
fn nothing_near() {}

fn main() {}
