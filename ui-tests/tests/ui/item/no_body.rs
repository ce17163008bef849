#![allow(unused)]

use traced::traced;

trait Place {
    #[traced]
    fn place(&self);
}

fn main() {}
