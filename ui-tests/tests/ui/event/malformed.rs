#![allow(unused)]

fn place(order: u64) {
    traced::event!();
    traced::event!(order);
    traced::event!("placed", order = );
    traced::event!("placed", order order);
    traced::event!("placed", order, order = 7);
    traced::event!("placed", "order");
}

fn main() {}
