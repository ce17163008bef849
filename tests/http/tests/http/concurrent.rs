//! A hundred requests at the same time, each with its own whole tree.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use futures_util::future::join_all;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use std::net::SocketAddr;
use traced::traced;
use traced_tests_http::{Trace, client, serve, text, told};
use traced_tower::{AxumLayer, ServerLayer};

#[derive(Clone)]
struct Stock {
    client: ClientWithMiddleware,
    address: SocketAddr,
}

#[traced]
async fn order(Path(id): Path<u64>, State(stock): State<Stock>) -> String {
    check(id).await;
    let answers = [reserve(&stock, id), reserve(&stock, id + 1000)];
    join_all(answers).await.join("+")
}

#[traced]
async fn check(order: u64) {
    for _ in 0..order % 5 {
        tokio::task::yield_now().await;
    }
}

#[traced]
async fn reserve(#[skip] stock: &Stock, item: u64) -> String {
    let url = format!("http://{}/items/{item}", stock.address);
    stock.client.get(url).send().await.unwrap().text().await.unwrap()
}

#[traced]
async fn item(Path(item): Path<u64>) -> String {
    tokio::task::yield_now().await;
    item.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_requests_have_a_hundred_trees() {
    let items = Router::new().route("/items/{id}", get(item)).layer(AxumLayer::new());
    let address = serve(items).await;
    let client_of_stock =
        ClientBuilder::new(reqwest::Client::new()).with(traced_reqwest::Traced::new()).build();
    let orders = Router::new()
        .route("/orders/{id}", get(order))
        .with_state(Stock { client: client_of_stock, address })
        .layer(ServerLayer::new());
    let address = serve(orders).await;
    let clients = [client(false), client(true)];
    let requests = (0..100_usize).map(|id| {
        let trace = Trace::new();
        let answer =
            clients[id % 2].request(trace.request(format!("http://{address}/orders/{id}")));
        async move {
            assert_eq!(
                text(answer.await.unwrap().into_body()).await,
                format!("{id}+{}", id + 1000)
            );
            (id, trace)
        }
    });
    let reserve = "concurrent::reserve(GET(GET /items/{id}(concurrent::item)))";
    let tree =
        format!("GET /orders/{{id}}(concurrent::order(concurrent::check {reserve} {reserve}))");
    for (id, trace) in join_all(requests).await {
        assert_eq!(trace.tree(11).await, tree, "order {id}");
        let spans = trace.spans(11).await;
        let items = spans.iter().filter(|span| span.name == "concurrent::reserve");
        let items: Vec<_> = items.map(|span| told(span, "item")).collect();
        assert_eq!(items, [id.to_string(), (id + 1000).to_string()]);
    }
}
