//! What each engine offers beside the rest.

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
use crate::{error::JobError, jobs::Jobs};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use crate::{job::Job, jobs::Enqueued};

#[cfg(any(feature = "postgres", feature = "sqlite"))]
/// What the engines that are databases offer: the caller's own transaction.
macro_rules! database {
    ($engine:path, $connection:path, $storage:path) => {
        impl Jobs<$engine> {
            /// Stores a job as [`enqueue`](Self::enqueue) does, in a transaction: committed with
            /// it, the job runs; rolled back, there never was one.
            ///
            /// The transaction should end before the response does. If it is committed later the
            /// job waits until its [hold](Self::hold) is over.
            ///
            /// # Errors
            ///
            /// Fails where [`enqueue`](Self::enqueue) does.
            pub async fn enqueue_in(
                &self,
                transaction: &mut $connection,
                job: Job,
            ) -> Result<Enqueued, JobError> {
                let (new, _release) = self.prepare(job)?;
                let earlier = self.store.insert_in(transaction, &new).await?;
                Ok(Enqueued::new(new, earlier))
            }

            /// Returns the queue as apalis sees it, to be shown by apalis-board. Its workers would
            /// run jobs by other rules: use [`workers`](Self::workers).
            #[must_use]
            pub fn storage(&self) -> $storage {
                self.store.storage()
            }
        }
    };
}

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
/// What all engines offer, each by its own name.
macro_rules! queue {
    ($engine:path) => {
        impl Jobs<$engine> {
            /// Keeps these jobs in a queue of their own, which the workers of no other run.
            /// Applications that share a database need it. The default is `with-after-jobs`.
            #[must_use]
            pub fn queue(mut self, name: impl Into<String>) -> Self {
                self.store.set_queue(&name.into());
                self
            }
        }
    };
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::SqlitePool;

    use super::{Enqueued, Job, JobError, Jobs};
    use crate::store::sqlite::Sqlite;

    database!(Sqlite, sqlx::SqliteConnection, apalis_sqlite::SqliteStorage<serde_json::Value>);
    queue!(Sqlite);

    impl Jobs<Sqlite> {
        /// Opens the jobs in an SQLite database, and creates their tables where they are missing.
        ///
        /// The tables `Jobs` and `Workers`, and that of their migrations, stand beside the
        /// application's own; neither's migrations are in the way of the other's. Connect with
        /// [`sqlite_pool`](crate::sqlite_pool), so that what is committed survives.
        ///
        /// # Errors
        ///
        /// Fails if the database does, or has tables of these names that are not the engine's.
        pub async fn sqlite(pool: SqlitePool) -> Result<Self, JobError> {
            Ok(Self::on(Sqlite::new(pool).await?))
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::PgPool;

    use super::{Enqueued, Job, JobError, Jobs};
    use crate::store::postgres::Postgres;

    database!(Postgres, sqlx::PgConnection, apalis_postgres::PostgresStorage<serde_json::Value>);
    queue!(Postgres);

    impl Jobs<Postgres> {
        /// Opens the jobs in a PostgreSQL database, and creates their tables where they are
        /// missing, in the schema `apalis`.
        ///
        /// It needs the extension `hstore`, which comes with PostgreSQL, and creates it where the
        /// user may. For a connection with TLS enable a feature of sqlx that names it.
        ///
        /// # Errors
        ///
        /// Fails if the database does.
        pub async fn postgres(pool: PgPool) -> Result<Self, JobError> {
            Ok(Self::on(Postgres::new(pool).await?))
        }
    }
}

#[cfg(feature = "redis")]
mod redis {
    use super::{JobError, Jobs};
    use crate::store::redis::Redis;

    queue!(Redis);

    impl Jobs<Redis> {
        /// Opens the jobs in a Redis server: `redis://127.0.0.1`. A cluster is not supported.
        ///
        /// There is no `enqueue_in`: a job in Redis cannot share a transaction with rows in
        /// another database, so a crash between the two loses one of them. What is stored is as
        /// safe as the server makes it: `appendonly yes` and `appendfsync always` for what the
        /// other engines promise.
        ///
        /// # Errors
        ///
        /// Fails if the address is none, or the server does not answer.
        pub async fn redis(url: &str) -> Result<Self, JobError> {
            Ok(Self::on(Redis::connect(url).await?))
        }
    }
}
