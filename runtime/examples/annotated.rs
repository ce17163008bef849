//! A program with annotated functions in which nobody listens, as any program is that is linked with an annotated library.
//!
//! `.ci/run` looks at what the linker has put into it: of what only recording needs, nothing.

use traced::traced;

#[traced(ret, slow = "100ms")]
fn place(order: u64, #[public] currency: &str) -> Result<u64, std::num::ParseIntError> {
    let cents: u64 = currency.len().to_string().parse()?;
    Ok(order + cents)
}

#[traced(polls)]
async fn pay(order: u64) -> Result<u64, std::num::ParseIntError> {
    std::future::ready(()).await;
    place(order, "EUR")
}

struct Till {
    orders: u64,
}

#[traced]
impl Till {
    fn close(&mut self) -> u64 {
        #[section("count", kind = "orders")]
        let orders = self.orders + 1;
        self.orders = 0;
        orders
    }
}

fn main() {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let paid = std::pin::pin!(pay(7)).as_mut().poll(&mut cx);
    println!("{paid:?} {}", Till { orders: 3 }.close());
}
