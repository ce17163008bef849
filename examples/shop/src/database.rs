//! `SQLite` in memory, one connection for each service that has one.

use crate::domain::ShopError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use traced::task;

#[derive(Clone)]
pub(crate) struct Database(Arc<Mutex<Connection>>);

impl Database {
    pub(crate) fn open(schema: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(schema)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Works with the connection on a thread that may block, in the trace of whoever asks.
    pub(crate) async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<R, ShopError> + Send + 'static,
    ) -> Result<R, ShopError> {
        let connection = self.0.clone();
        let done = task::spawn_blocking(move || {
            work(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(|_| ShopError::unavailable("database"))?
    }
}
