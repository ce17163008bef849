//! One of the four services, in a process of its own: until its standard input ends.

use crate::peers::Peers;
use crate::system::PATIENCE;
use crate::wire::{self, Line, Wire};
use crate::{inventory, orders, payment, shipping};
use axum::Router;
use std::error::Error;
use std::io::Read;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use traced::sampling::AlwaysOn;
use traced::{Dropped, Installed};
use traced_tower::AxumLayer;

/// `shop orders 127.0.0.1:4001 127.0.0.1:4002 127.0.0.1:4003`, and the others without addresses.
#[tokio::main(worker_threads = 2)]
pub(crate) async fn run(role: &str, peers: &[String]) -> Result<(), Box<dyn Error>> {
    let tracing = set_up(role)?;
    match role {
        "inventory" => serve(inventory::service()?).await?,
        "payment" => serve(payment::service()).await?,
        "shipping" => {
            let background = shipping::Background::default();
            serve(shipping::service(background.clone())).await?;
            background.finish().await;
        }
        "orders" => {
            let [inventory, payment, shipping] = peers else {
                return Err("orders are told where the three others are".into());
            };
            let (router, placed) = orders::service(Peers::at(inventory, payment, shipping)?)?;
            let books = tokio::spawn(orders::keep_books(placed));
            serve(router).await?;
            books.await?;
        }
        unknown => return Err(format!("there is no service called {unknown}").into()),
    }
    let stats = tracing.shut_down().stats;
    let reasons = Dropped::ALL.into_iter().filter(|reason| stats.dropped(*reason) > 0);
    let dropped = reasons.map(|reason| (format!("{reason:?}"), stats.dropped(reason))).collect();
    wire::say(&Line::Ended { exported: stats.exported, dropped });
    Ok(())
}

/// With a collector in the variables of `OpenTelemetry`, spans go there, within the budget of 100 traces a second.
/// Without, all of them to whoever started us.
fn set_up(role: &str) -> Result<Installed, Box<dyn Error>> {
    let tracing = traced::builder().service_name(role).shutdown_within(PATIENCE);
    if crate::goes_to_collector() {
        return Ok(tracing.install()?);
    }
    Ok(tracing.exporter(Wire).sampler(AlwaysOn).install()?)
}

async fn serve(router: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    wire::say(&Line::Listening { address: listener.local_addr()? });
    // One line for all routes; the span is called after the one that matched.
    let router = router.layer(AxumLayer::new());
    axum::serve(listener, router).with_graceful_shutdown(until_input_ends()).await?;
    Ok(())
}

async fn until_input_ends() {
    let (ended, end) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).ok();
        drop(ended);
    });
    end.await.ok();
}
