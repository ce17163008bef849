#![allow(unused)]

use traced::traced;

struct Orders;

impl Orders {
    #[traced(public(self))]
    fn listed(&self) {}

    #[traced]
    fn marked(#[public] &self) {}
}

fn main() {}
