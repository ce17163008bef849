//! sqlx: an event for each statement, with its text, which is not ours to publish, and with numbers, which are. Its
//! `SQLite` works on a thread of its own, which enters the span of `tracing` that the statement was sent in.

use crate::tells;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Row as _, SqlitePool};
use traced::data::{Event, Span};
use traced::{Instrument as _, traced};
use traced_tests_ecosystem::bridge;
use traced_tests_http::Trace;
use tracing::{info_span, instrument};

#[instrument(skip_all, name = "repository")]
async fn repository(pool: &SqlitePool, id: i64) -> i64 {
    let row = sqlx::query("select stock from items where id = ?").bind(id).fetch_one(pool).await;
    checked(row.unwrap().get(0))
}

#[traced(name = "checked")]
fn checked(stock: i64) -> i64 {
    stock
}

#[traced(name = "reserve", skip(pool))]
async fn reserve(pool: &SqlitePool, id: i64) -> i64 {
    repository(pool, id).await
}

#[traced(name = "direct", skip(pool))]
async fn direct(pool: &SqlitePool) {
    sqlx::query("update items set stock = 6 where name = 'secret'").execute(pool).await.unwrap();
}

async fn pool() -> SqlitePool {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let create = "create table items (id integer primary key, name text, stock integer)";
    sqlx::query(create).execute(&pool).await.unwrap();
    sqlx::query("insert into items values (1, 'secret', 7)").execute(&pool).await.unwrap();
    pool
}

fn of_sqlx(span: &Span) -> Vec<&Event> {
    let is_its = |event: &&Event| event.attributes.iter().any(|(key, _)| key == "rows_affected");
    span.events.iter().filter(is_its).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_is_an_event_of_the_span_that_it_was_sent_in() {
    bridge();
    let pool = pool().await;
    let trace = Trace::new();
    let call = async { reserve(&pool, 1).instrument(traced::span!("caller")).await };
    let stock = call.in_context(&trace.context()).await;
    assert_eq!(stock, 7);
    assert_eq!(trace.tree(4).await, "caller(reserve(repository(checked)))");
    let spans = trace.spans(4).await;
    let repository = spans.iter().find(|span| span.name == "repository").unwrap();
    let events = of_sqlx(repository);
    assert_eq!(events.len(), 1, "{spans:?}");
    let told = |key: &str| {
        events[0].attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    };
    assert_eq!(told("rows_returned"), Some(1.into()));
    assert!(told("elapsed_secs").is_some());
    for span in &spans {
        assert!(!tells(span, "select") && !tells(span, "secret"), "{span:?}");
        assert!(span.name == "repository" || of_sqlx(span).is_empty());
    }
}

/// A span of ours is nothing that such a thread could know of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_of_sqlx_knows_the_spans_of_tracing_alone() {
    bridge();
    let pool = pool().await;
    let trace = Trace::new();
    // A span of `tracing` hangs on what is current where it is made.
    let outer = async { tracing::Instrument::instrument(direct(&pool), info_span!("outer")).await };
    let caller = async { outer.instrument(traced::span!("caller")).await };
    caller.in_context(&trace.context()).await;
    assert_eq!(trace.tree(3).await, "caller(outer(direct))");
    let spans = trace.spans(3).await;
    let with_events: Vec<_> = spans.iter().filter(|span| !of_sqlx(span).is_empty()).collect();
    assert_eq!(with_events.len(), 1);
    assert_eq!(with_events[0].name, "outer");
    assert!(spans.iter().all(|span| !tells(span, "secret")));
}
