//! What a customer talks to: reserves, charges, writes the order down, and has it shipped.

use crate::database::Database;
use crate::domain::{Charge, NewOrder, Refusal, Reservation, Shipment, ShopError};
use crate::peers::Peers;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use rusqlite::Connection;
use tokio::sync::mpsc;
use traced::{Message, traced};

const SCHEMA: &str = "
    CREATE TABLE orders (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, cents INTEGER NOT NULL)";
const INSERT: &str = "INSERT INTO orders (id, sku, cents) VALUES (?1, ?2, ?3)";
const SELECT: &str = "SELECT cents FROM orders WHERE id = ?1";

#[derive(Clone)]
pub(crate) struct Orders {
    database: Database,
    peers: Peers,
    /// Orders that the books do not know yet; each carries the trace in which it was placed.
    placed: mpsc::Sender<Message<u64>>,
}

pub(crate) fn service(peers: Peers) -> rusqlite::Result<(Router, mpsc::Receiver<Message<u64>>)> {
    let (placed, books) = mpsc::channel(64);
    let orders = Orders { database: Database::open(SCHEMA)?, peers, placed };
    let router = Router::new().route("/orders/{id}", get(look_up).put(place)).with_state(orders);
    Ok((router, books))
}

#[traced(name = "place")]
async fn place(
    #[skip] State(orders): State<Orders>,
    Path(id): Path<u64>,
    Json(order): Json<NewOrder>,
) -> Result<StatusCode, ShopError> {
    traced::record!(id, order = &order);
    reserve(&orders.peers, &order).await?;
    let cents = 1299 * u64::from(order.quantity) + id;
    pay(&orders.peers, id, cents, &order).await?;

    let sku = order.sku.clone();
    orders.database.run(move |connection| Ok(write_down(connection, id, &sku, cents)?)).await?;

    let shipment = Shipment { order: id, email: order.email };
    orders.peers.post(&orders.peers.shipping, "/shipments", &shipment).await?;
    // Somebody else's work, later: it refers to this trace.
    orders.placed.send(Message::new(id)).await.ok();
    Ok(StatusCode::CREATED)
}

#[traced(name = "reserve", skip_all)]
async fn reserve(peers: &Peers, order: &NewOrder) -> Result<(), ShopError> {
    let wanted = Reservation { sku: order.sku.clone(), quantity: order.quantity };
    let answer = peers.post(&peers.inventory, "/reservations", &wanted).await?;
    match answer.status() {
        StatusCode::CREATED => Ok(()),
        StatusCode::CONFLICT => {
            let left = answer.json::<Refusal>().await.map_or(0, |refusal| refusal.left);
            Err(ShopError::OutOfStock { sku: wanted.sku, left })
        }
        _ => Err(ShopError::unavailable("inventory")),
    }
}

#[traced(name = "pay", skip(peers, order))]
async fn pay(peers: &Peers, id: u64, cents: u64, order: &NewOrder) -> Result<(), ShopError> {
    let charge = Charge { order: id, cents, card: order.card.clone() };
    let answer = peers.post(&peers.payment, "/charges", &charge).await?;
    match answer.status() {
        StatusCode::CREATED => Ok(()),
        StatusCode::PAYMENT_REQUIRED => {
            let refusal = answer.json::<Refusal>().await;
            let reason = refusal.map_or_else(|_| "no reason".to_owned(), |refusal| refusal.reason);
            Err(ShopError::Declined { number: charge.card.number, reason })
        }
        _ => Err(ShopError::unavailable("payment")),
    }
}

#[traced(name = "look up")]
async fn look_up(
    #[skip] State(orders): State<Orders>,
    Path(id): Path<u64>,
) -> Result<Json<u64>, ShopError> {
    traced::record!(id);
    let cents = orders.database.run(move |connection| {
        let _section = traced::section!("select", sql = SELECT, slow = "20ms");
        Ok(connection.query_row(SELECT, [id], |row| row.get(0))?)
    });
    Ok(Json(cents.await?))
}

#[traced(name = "write down", skip_all)]
fn write_down(connection: &Connection, id: u64, sku: &str, cents: u64) -> rusqlite::Result<()> {
    #[section("insert", sql = INSERT, slow = "20ms")]
    connection.execute(INSERT, (id, sku, cents))?;
    Ok(())
}

/// Ten orders at a time go into the books: a trace of their own, which refers to those of the orders.
pub(crate) async fn keep_books(mut placed: mpsc::Receiver<Message<u64>>) {
    let mut batch = Vec::new();
    while let Some(order) = placed.recv().await {
        batch.push(order);
        if batch.len() == 10 {
            book(&batch);
            batch.clear();
        }
    }
    if !batch.is_empty() {
        book(&batch);
    }
}

#[traced(name = "book", root, kind = consumer, links = batch)]
fn book(batch: &[Message<u64>]) {
    traced::record!(orders = batch.len(), sum_of_ids = batch.iter().map(|id| **id).sum::<u64>());
}
