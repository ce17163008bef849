#![deny(warnings)]
#![allow(dead_code)]

use std::sync::Mutex;

fn place(order: u64, text: &str, names: &Mutex<Vec<String>>) {
    traced::event!("placed");
    traced::event!("placed", order, checks = 3, currency = "EUR", order.next = order + 1, "a.b" = true,);
    traced::event!("placed", %text, name = ?names.lock().unwrap(), first = %names.lock().unwrap()[0]);
    traced::event!("placed", #[public] text = text, #[public] owned = text.to_owned());
    traced::record!(account.open = order > 1);
    traced::record!(@root, user.id = order);
    let _section = traced::section!("load", slow = "50ms", order);
    traced::span!("job", order).in_scope(|| ());
    traced::event!(crate = ::traced; "placed", order);
}

fn main() {
    place(7, "text", &Mutex::new(vec![String::new()]));
}
