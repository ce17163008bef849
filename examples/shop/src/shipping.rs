//! Answers at once, and does the work in the background: in the same trace, after the answer.

use crate::domain::Shipment;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::sleep;
use traced::{task, traced};

/// What is still being done.
#[derive(Clone, Default)]
pub(crate) struct Background(Arc<Mutex<task::JoinSet<()>>>);

impl Background {
    pub(crate) async fn finish(self) {
        let tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.join_all().await;
    }
}

pub(crate) fn service(background: Background) -> Router {
    Router::new().route("/shipments", post(ship)).with_state(background)
}

#[traced(name = "ship")]
async fn ship(
    #[skip] State(background): State<Background>,
    Json(shipment): Json<Shipment>,
) -> StatusCode {
    traced::record!(shipment = &shipment);
    background.0.lock().unwrap_or_else(PoisonError::into_inner).spawn(async move {
        print_label(shipment.order).await;
        notify(&shipment.email, shipment.order).await;
    });
    StatusCode::ACCEPTED
}

#[traced(name = "print label")]
async fn print_label(order: u64) {
    sleep(Duration::from_millis(9 + order % 3)).await;
}

/// An address that nobody declared is text like any other: it is not recorded.
#[traced(name = "notify")]
async fn notify(email: &str, order: u64) {
    sleep(Duration::from_millis(2)).await;
    traced::event!("queued", domain_known = email.ends_with("@example.com"), order);
}
