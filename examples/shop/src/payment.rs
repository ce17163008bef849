//! Asks the issuer of a card for money.

use crate::domain::{Card, Charge, ShopError};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use std::time::Duration;
use tokio::time::sleep;
use traced::traced;

pub(crate) fn service() -> Router {
    Router::new().route("/charges", post(charge))
}

#[traced(name = "charge")]
async fn charge(Json(charge): Json<Charge>) -> Result<StatusCode, ShopError> {
    traced::record!(charge = &charge);
    if !has_valid_digits(&charge.card.number) {
        return Err(declined(&charge.card, "no such card"));
    }
    ask_issuer(&charge.card, charge.cents).await?;
    Ok(StatusCode::CREATED)
}

/// The issuer is the one part of this shop that is made up.
#[traced(name = "ask issuer", skip(card), slow = "200ms")]
async fn ask_issuer(card: &Card, cents: u64) -> Result<(), ShopError> {
    sleep(Duration::from_millis(6 + cents % 9)).await;
    match card.number.as_str() {
        "4000000000000002" => Err(declined(card, "insufficient funds")),
        "4000000000000119" => Err(ShopError::unavailable("issuer")),
        _ => Ok(()),
    }
}

fn declined(card: &Card, reason: &str) -> ShopError {
    ShopError::Declined { number: card.number.clone(), reason: reason.to_owned() }
}

/// The check digit of Luhn.
fn has_valid_digits(number: &str) -> bool {
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum = digits.fold(0, |sum, (place, digit)| match (place % 2, digit) {
        (0, _) => sum + digit,
        (_, digit) if digit > 4 => sum + 2 * digit - 9,
        _ => sum + 2 * digit,
    });
    !number.is_empty() && sum % 10 == 0
}
