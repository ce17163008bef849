//! How much of everything there is: the sum of all that came and went, in `SQLite`.

use crate::database::Database;
use crate::domain::{Reservation, ShopError};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::Connection;
use traced::traced;

const SCHEMA: &str = "
    CREATE TABLE movements (sku TEXT NOT NULL, change INTEGER NOT NULL);
    CREATE INDEX by_sku ON movements (sku);
    -- Years of business with things that nobody asks for here.
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    INSERT INTO movements SELECT 'sold-' || i, 0 FROM n;
    INSERT INTO movements VALUES ('record', 1000), ('turntable', 1000), ('IMPORT-7', 1000), ('last-copy', 1);";

const LEVEL: &str = "SELECT coalesce(sum(change), 0) FROM movements WHERE sku = ?1";
/// Imports are written in either case, and no index knows that.
const LEVEL_OF_IMPORT: &str =
    "SELECT coalesce(sum(change), 0) FROM movements WHERE lower(sku) = lower(?1)";
const MOVE: &str = "INSERT INTO movements VALUES (?1, -?2)";

pub(crate) fn service() -> rusqlite::Result<Router> {
    let stock = Database::open(SCHEMA)?;
    Ok(Router::new().route("/reservations", post(reserve)).with_state(stock))
}

#[traced(name = "reserve")]
async fn reserve(
    #[skip] State(stock): State<Database>,
    Json(wanted): Json<Reservation>,
) -> Result<StatusCode, ShopError> {
    traced::record!(wanted = &wanted);
    stock.run(move |connection| take(connection, &wanted)).await?;
    Ok(StatusCode::CREATED)
}

#[traced(name = "take", skip_all)]
fn take(connection: &Connection, wanted: &Reservation) -> Result<(), ShopError> {
    let left = level(connection, &wanted.sku)?;
    if left < wanted.quantity {
        return Err(ShopError::OutOfStock { sku: wanted.sku.clone(), left });
    }
    #[section("insert", sql = MOVE, slow = "20ms")]
    connection.execute(MOVE, (&wanted.sku, wanted.quantity))?;
    Ok(())
}

#[traced(name = "level", skip(connection), ret)]
fn level(connection: &Connection, #[public] sku: &str) -> rusqlite::Result<u32> {
    let sql = if sku.starts_with("IMPORT") { LEVEL_OF_IMPORT } else { LEVEL };
    #[section("select", sql = sql, slow = "5ms")]
    let level = connection.query_row(sql, [sku], |row| row.get(0));
    level
}
