//! What is not there.

use traced::traced;

#[traced]
fn plain(order: u64) -> u64 {
    order + missing
}

#[traced]
fn fallible(order: u64) -> Result<u64, String> {
    let n = parse(order)?;
    Ok(n)
}

#[traced]
async fn later(order: u64) -> Result<u64, String> {
    std::future::ready(()).await;
    Ok(order + absent)
}

#[traced]
fn section(order: u64) -> u64 {
    #[section("one", n = order)]
    let one = nothing(order);
    one
}

fn main() {}
