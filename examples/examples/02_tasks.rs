//! One trace over many tasks and threads: a future carries its span wherever the runtime polls it.
//!
//! `cargo run -p traced-examples --example 02_tasks`

use std::time::Duration;
use tokio::time::sleep;
use traced::{task, traced};

#[traced]
async fn dashboard(user: u64) -> usize {
    // A traced call knows its caller, so a task that runs it stays in the trace.
    let orders = tokio::spawn(load_orders(user));

    // Any other future, and work that blocks, is started in the trace by name (feature `tokio`); for other runtimes
    // and for threads there are `future.in_current()` and `traced::in_current(closure)`.
    let greeting = task::spawn(async move {
        sleep(Duration::from_millis(5)).await;
        render_greeting(user)
    });
    let avatar = task::spawn_blocking(move || shrink_avatar(user));

    // Children of one task may interleave; each keeps its own parent.
    let (news, weather) = tokio::join!(fetch("news", 15), fetch("weather", 10));

    let orders = orders.await.unwrap_or_default();
    let greeting = greeting.await.unwrap_or_default();
    let avatar = avatar.await.unwrap_or_default();
    traced::record!(orders = orders);
    greeting.len() + avatar + orders + news + weather
}

#[traced]
fn shrink_avatar(user: u64) -> usize {
    std::thread::sleep(Duration::from_millis(3 + user % 2));
    64
}

#[traced]
async fn load_orders(user: u64) -> usize {
    sleep(Duration::from_millis(20)).await;
    traced::event!("cache miss", shard = user % 4);
    sleep(Duration::from_millis(20)).await;
    3
}

#[traced]
fn render_greeting(user: u64) -> String {
    format!("hello {user}")
}

#[traced]
async fn fetch(#[public] what: &str, ms: u64) -> usize {
    sleep(Duration::from_millis(ms)).await;
    what.len()
}

fn main() {
    let spans = traced::test::capture(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .expect("a runtime of two threads");
        let size = runtime.block_on(dashboard(42));
        println!("a dashboard of {size}\n");
    });
    print!("{}", traced::console::render(&spans, &traced::console::Style::detect()));
}
