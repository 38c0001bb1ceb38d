//! The one statement that is ours: held jobs become available.
//!
//! River's own `retry` would do it one by one, without a notification, and would also run again
//! what has ended or was cancelled meanwhile.

use std::collections::HashSet;

use riverqueue::{Client, JobRow, database::ClientDatabase, protocol::NOTIFICATION_TOPIC_INSERT};

/// A job that was stored as held.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) id: i64,
    /// What SQLite tells it by from a later job, which gets its id if this one is rolled back.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(dead_code, reason = "PostgreSQL gives no id twice")
    )]
    nonce: String,
}

/// Where jobs are stored.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    #[cfg(feature = "postgres")]
    Postgres(riverqueue::database::PostgresDatabase),
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqlitePool),
}

impl Held {
    pub(crate) fn of(job: &JobRow) -> Self {
        let nonce = job.metadata.get(riverqueue::METADATA_KEY_UNIQUE_NONCE).ok().flatten();
        Self { id: job.id, nonce: nonce.unwrap_or_default() }
    }
}

impl Database {
    pub(crate) fn of(client: &Client) -> Option<Self> {
        match client.database() {
            #[cfg(feature = "postgres")]
            ClientDatabase::Postgres(database) => Some(Self::Postgres(database.clone())),
            #[cfg(feature = "sqlite")]
            ClientDatabase::Sqlite(database) => Some(Self::Sqlite(database.pool().clone())),
            _ => None,
        }
    }

    /// Returns whether it is a file: who writes waits for the transactions of others to end, and
    /// nobody is told of a commit.
    pub(crate) fn is_file(&self) -> bool {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => false,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => true,
        }
    }

    /// Makes these jobs available, all at once, tells all workers, and returns the ids of those
    /// that were held.
    pub(crate) async fn release(&self, held: &[&Held]) -> Result<HashSet<i64>, sqlx::Error> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => postgres(database.pool(), database.schema(), held).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(pool) => sqlite(pool, held).await,
        }
    }
}

#[cfg(feature = "postgres")]
async fn postgres(
    pool: &sqlx::PgPool,
    schema: &riverqueue::database::SchemaName,
    held: &[&Held],
) -> Result<HashSet<i64>, sqlx::Error> {
    let table = schema.qualify("river_job");
    let release = format!(
        "WITH released AS (
            UPDATE {table} SET state = 'available', scheduled_at = now()
            WHERE id = ANY($1) AND state = 'scheduled' AND attempted_at IS NULL
            RETURNING id, queue
        ), told AS (
            SELECT pg_notify(
                concat(coalesce($2::text, current_schema()), '.', $3::text),
                json_build_object('queue', queue)::text
            ) FROM (SELECT DISTINCT queue FROM released) AS queues
        )
        SELECT id FROM released WHERE (SELECT count(*) FROM told) > 0"
    );
    let ids: Vec<_> = held.iter().map(|job| job.id).collect();
    let released = sqlx::query_scalar(sqlx::AssertSqlSafe(release))
        .bind(ids)
        .bind(schema.as_deref())
        .bind(NOTIFICATION_TOPIC_INSERT);
    Ok(released.fetch_all(pool).await?.into_iter().collect())
}

#[cfg(feature = "sqlite")]
async fn sqlite(pool: &sqlx::SqlitePool, held: &[&Held]) -> Result<HashSet<i64>, sqlx::Error> {
    const RELEASE: &str = r#"
        UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec')
        FROM json_each(?1) AS held
        WHERE river_job.id = held.value ->> 0
            AND river_job.state = 'scheduled' AND river_job.attempted_at IS NULL
            AND river_job.metadata ->> '$."river:unique_nonce"' = held.value ->> 1
        RETURNING river_job.id, river_job.queue"#;
    const TELL: &str = "
        INSERT INTO river_notification (payload, topic)
        SELECT json_object('queue', value), ?2 FROM json_each(?1)";

    let held: Vec<_> = held.iter().map(|job| (job.id, &job.nonce)).collect();
    let mut tx = riverqueue::database::begin_sqlite_write(pool).await?;
    let release = sqlx::query_as(RELEASE).bind(sqlx::types::Json(held));
    let released: Vec<(i64, String)> = release.fetch_all(&mut *tx).await?;
    let (ids, queues): (HashSet<_>, std::collections::BTreeSet<_>) = released.into_iter().unzip();
    if !queues.is_empty() {
        let tell = sqlx::query(TELL).bind(sqlx::types::Json(queues));
        tell.bind(NOTIFICATION_TOPIC_INSERT).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(ids)
}
