//! River's tables.

use std::time::Duration;

use riverqueue::{Client, database::ClientDatabase, migrate::Error};
use tokio::time::sleep;

use crate::jobs::Jobs;

const TRIES: u32 = 50;

impl Jobs {
    /// Makes River's tables, or brings them to the version of this crate, by River's own
    /// migrations; also where several processes start at the same moment.
    ///
    /// They stand beside the application's own tables and migrations, under names that begin with
    /// `river_`. Where there is nothing to do the database is only read, so the role of the
    /// application may lack the right to create anything if the tables were made before, by this
    /// method or the command `riverqueue migrate-up`.
    ///
    /// # Errors
    ///
    /// Fails if the database does.
    ///
    /// # Cancel safety
    ///
    /// If the returned future is dropped, the migration under way is finished, and no other begun.
    pub async fn migrate(&self) -> Result<(), Error> {
        // River takes no lock. Where processes start together all but one fail, undo what they
        // did, and go on where the first one is.
        for _ in 1..TRIES {
            match migrate(&self.client).await {
                Err(Error::Database(_)) => sleep(Duration::from_millis(fastrand::u64(5..50))).await,
                ended => return ended,
            }
        }
        migrate(&self.client).await
    }
}

async fn migrate(client: &Client) -> Result<(), Error> {
    match client.database() {
        #[cfg(feature = "postgres")]
        ClientDatabase::Postgres(database) => {
            let migrator = riverqueue::migrate::PostgresMigrator::new(database.pool().clone());
            migrator.with_schema(database.schema().clone()).migrate_up().await.map(drop)
        }
        #[cfg(feature = "sqlite")]
        ClientDatabase::Sqlite(database) => {
            let migrator = riverqueue::migrate::SqliteMigrator::new(database.pool().clone());
            migrator.migrate_up().await.map(drop)
        }
        _ => Ok(()),
    }
}
