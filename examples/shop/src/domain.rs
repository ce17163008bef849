//! What the shop deals with, and what of it may be told: each type says so once, for every span of every service.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use traced::Redact;

/// What a customer sends.
#[derive(Clone, Serialize, Deserialize, Redact)]
pub(crate) struct NewOrder {
    pub(crate) card: Card,
    #[redact]
    pub(crate) email: String,
    #[public]
    pub(crate) sku: String,
    #[public]
    pub(crate) quantity: u32,
}

/// Its last four characters may be told; nobody writes down more of it.
#[derive(Clone, Serialize, Deserialize, Redact)]
pub(crate) struct Card {
    #[redact(last = 4)]
    pub(crate) number: String,
}

/// What the services ask of each other.
#[derive(Serialize, Deserialize, Redact)]
pub(crate) struct Reservation {
    #[public]
    pub(crate) sku: String,
    #[public]
    pub(crate) quantity: u32,
}

#[derive(Serialize, Deserialize, Redact)]
pub(crate) struct Charge {
    #[public]
    pub(crate) order: u64,
    #[public]
    pub(crate) cents: u64,
    pub(crate) card: Card,
}

#[derive(Serialize, Deserialize, Redact)]
pub(crate) struct Shipment {
    #[public]
    pub(crate) order: u64,
    #[redact]
    pub(crate) email: String,
}

/// What can go wrong on the way. The messages are for the customer; spans tell the fields that are public, and a
/// marker for the others.
#[derive(Debug, thiserror::Error, Redact)]
pub(crate) enum ShopError {
    /// Sold out is no failure of the shop.
    #[error("{left} of {sku} left")]
    #[expected]
    OutOfStock {
        #[public]
        sku: String,
        #[public]
        left: u32,
    },
    #[error("the issuer declined {number}: {reason}")]
    Declined {
        #[redact]
        number: String,
        #[public]
        reason: String,
    },
    #[error("{service} is not available")]
    Unavailable {
        #[public]
        service: String,
    },
    #[error("no such order")]
    #[expected]
    NotFound,
    #[error("the database failed")]
    Database(
        #[source]
        #[redact]
        rusqlite::Error,
    ),
}

impl ShopError {
    pub(crate) fn unavailable(service: &str) -> Self {
        Self::Unavailable { service: service.to_owned() }
    }
}

impl From<rusqlite::Error> for ShopError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Self::NotFound,
            other => Self::Database(other),
        }
    }
}

/// An error on its way from one service to another.
#[derive(Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) left: u32,
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let status = match self {
            Self::OutOfStock { .. } => StatusCode::CONFLICT,
            Self::Declined { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let refusal = match self {
            Self::OutOfStock { sku, left } => Refusal { reason: sku, left },
            Self::Declined { reason, .. } => Refusal { reason, left: 0 },
            other => Refusal { reason: other.to_string(), left: 0 },
        };
        (status, Json(refusal)).into_response()
    }
}
