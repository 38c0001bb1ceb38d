//! How to open an SQLite file.

use std::{path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::time::sleep;

const TRIES: usize = 50;

/// Returns how to connect to an SQLite file, which is made if it is not there, so that what is
/// committed survives a crash of the process and of the machine: with a write-ahead log that is
/// synchronised at each commit.
///
/// A connection waits up to 10 seconds for its turn to write.
pub fn sqlite_options(path: impl AsRef<Path>) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
}

/// Opens an SQLite file with [`sqlite_options`], also where several processes make it at the same
/// moment, of which SQLite tells all but one that it is locked.
///
/// # Errors
///
/// Fails if it cannot be opened within a second or two.
pub async fn sqlite_pool(path: impl AsRef<Path>) -> Result<SqlitePool, sqlx::Error> {
    let options = sqlite_options(path);
    for _ in 0..TRIES {
        if let Ok(pool) = SqlitePool::connect_with(options.clone()).await {
            return Ok(pool);
        }
        sleep(Duration::from_millis(fastrand::u64(5..50))).await;
    }
    SqlitePool::connect_with(options).await
}
