//! One test on each engine that there is.

use std::{
    env, process,
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use riverqueue::{
    InsertResult,
    database::{begin_postgres, begin_sqlite_write},
    migrate::{Direction, MigrateOpts, PostgresMigrator, SqliteMigrator},
};
use sqlx::{
    AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqlitePool,
    Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use with_after_jobs::{Call, JobFn, Jobs, JobsBuilder, riverqueue, sqlite_pool};

use super::temp::TempFolder;

/// Makes of an `async fn name(engine: Engine)` a test on each engine.
macro_rules! on_each_engine {
    ($($name:ident),+ $(,)?) => {
        $(
            mod $name {
                #[tokio::test]
                async fn sqlite() {
                    super::$name(crate::support::engines::Engine::sqlite().await).await;
                }

                #[tokio::test]
                async fn postgres() {
                    if let Some(engine) = crate::support::engines::Engine::postgres().await {
                        super::$name(engine).await;
                    }
                }
            }
        )+
    };
}
pub(crate) use on_each_engine;

pub(crate) const POSTGRES: &str = "WITH_AFTER_POSTGRES_URL";

/// A database of its own, with River's tables.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) pool: Pool,
    /// Goes away with the test, if it made one.
    _folder: Option<TempFolder>,
}

#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Engine {
    pub(crate) async fn sqlite() -> Self {
        let folder = TempFolder::new();
        let path = folder.file("jobs.db");
        let engine = Self::open(&path.to_string_lossy()).await;
        Self { _folder: Some(folder), ..engine }
    }

    /// Makes a database on the PostgreSQL server, if there is one.
    pub(crate) async fn postgres() -> Option<Self> {
        let url = server()?;
        let name = fresh_name();
        let mut admin = PgConnection::connect(&url).await.expect("PostgreSQL answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut admin).await.expect("a database can be made");
        let options: PgConnectOptions = url.parse().expect("it is an address");
        let options = options.database(&name);
        let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
        Some(Self::open(&format!("postgres://{user}@{host}:{port}/{name}")).await)
    }

    /// Opens a database by its address, or the path of its file, and makes River's tables.
    pub(crate) async fn open(address: &str) -> Self {
        let pool = Pool::open(address).await;
        pool.migrate().await;
        Self { pool, _folder: None }
    }

    pub(crate) fn builder(&self) -> JobsBuilder {
        self.pool.builder()
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        self.pool.execute(sql).await;
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        match &self.pool {
            Pool::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Pool::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .expect(sql)
    }

    pub(crate) async fn begin(&self) -> Tx {
        self.pool.begin().await
    }

    /// Returns by what another process opens it.
    pub(crate) fn address(&self) -> String {
        match &self.pool {
            Pool::Sqlite(pool) => {
                pool.connect_options().get_filename().to_string_lossy().into_owned()
            }
            Pool::Postgres(pool) => {
                let options = pool.connect_options();
                let database = options.get_database().expect("it was named");
                let (user, host, port) =
                    (options.get_username(), options.get_host(), options.get_port());
                format!("postgres://{user}@{host}:{port}/{database}")
            }
        }
    }
}

impl Pool {
    pub(crate) async fn open(address: &str) -> Self {
        if address.starts_with("postgres:") {
            let pool = PgPoolOptions::new().max_connections(10);
            return Self::Postgres(pool.connect(address).await.expect("PostgreSQL answers"));
        }
        Self::Sqlite(sqlite_pool(address).await.expect("SQLite opens a file"))
    }

    pub(crate) async fn migrate(&self) {
        match self.clone() {
            Self::Sqlite(pool) => SqliteMigrator::new(pool).migrate_up().await,
            Self::Postgres(pool) => PostgresMigrator::new(pool).migrate_up().await,
        }
        .expect("the tables can be made");
    }

    /// Takes all tables away again.
    pub(crate) async fn unmake(&self) {
        let down = Direction::Down;
        let all = MigrateOpts::new().with_target_version(-1);
        match self.clone() {
            Self::Sqlite(pool) => SqliteMigrator::new(pool).migrate(down, all).await,
            Self::Postgres(pool) => PostgresMigrator::new(pool).migrate(down, all).await,
        }
        .expect("the tables can be dropped");
    }

    pub(crate) fn builder(&self) -> JobsBuilder {
        match self {
            Self::Sqlite(pool) => Jobs::builder(pool),
            Self::Postgres(pool) => Jobs::builder(pool),
        }
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        match self {
            Self::Sqlite(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.expect(sql)),
            Self::Postgres(pool) => drop(sqlx::raw_sql(sql).execute(pool).await.expect(sql)),
        }
    }

    pub(crate) async fn begin(&self) -> Tx {
        match self {
            Self::Sqlite(pool) => Tx::Sqlite(begin_sqlite_write(pool).await.expect("it begins")),
            Self::Postgres(pool) => Tx::Postgres(begin_postgres(pool).await.expect("it begins")),
        }
    }
}

impl Tx {
    pub(crate) async fn enqueue<J: JobFn>(
        &mut self,
        jobs: &Jobs,
        call: Call<J>,
    ) -> InsertResult<Call<J>> {
        match self {
            Self::Sqlite(tx) => jobs.enqueue(call).tx(tx).await,
            Self::Postgres(tx) => jobs.enqueue(call).tx(tx).await,
        }
        .expect("it is stored")
    }

    pub(crate) async fn execute(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(tx) => drop(sqlx::raw_sql(sql).execute(&mut **tx).await.expect(sql)),
            Self::Postgres(tx) => drop(sqlx::raw_sql(sql).execute(&mut **tx).await.expect(sql)),
        }
    }

    pub(crate) async fn commit(self) {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
        .expect("it is committed");
    }

    pub(crate) async fn rollback(self) {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => tx.rollback().await,
        }
        .expect("it is rolled back");
    }
}

/// A name that no other test uses, also of an earlier run.
fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is later than 1970");
    format!("test_{}_{}_{number}", now.as_millis(), process::id())
}

/// Returns the address of the server, or says that the test is skipped.
#[expect(clippy::print_stderr, reason = "a test says what was skipped")]
pub(crate) fn server() -> Option<String> {
    let url = env::var(POSTGRES).ok();
    if url.is_none() {
        eprintln!("SKIPPED: `{POSTGRES}` is not set");
    }
    url
}
