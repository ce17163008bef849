#![allow(unused)]

use traced::traced;

struct Orders;

#[traced(name = "orders", skip(order, tokn), root, parent = None)]
impl Orders {
    fn place(&self, order: u64, token: &str) {}

    #[traced(kidn = server)]
    fn cancel(&self, #[public] #[redact] order: u64) {}

    #[traced]
    const fn limit() -> u64 {
        3
    }
}

fn main() {
    Orders.place(1, "");
    Orders.cancel(Orders::limit());
}
