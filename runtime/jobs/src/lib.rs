//! Durable tasks for `with-after`: stored before the response leaves, and run at least once, also
//! after `kill -9`.
//!
//! A task of [`with_after::after`] lives in the process and dies with it. A job is a row in the
//! application's own database, committed together with what it belongs to:
//!
//! ```
//! use axum::{Json, extract::State, http::StatusCode};
//! use sqlx::SqlitePool;
//! use with_after::with_after;
//! use with_after_jobs::{Jobs, Sqlite, job};
//!
//! #[derive(Debug)]
//! struct Mailer;
//!
//! #[job(max_attempts = 5)]
//! async fn send_receipt(order: i64, email: String, mailer: &Mailer) -> std::io::Result<()> {
//!     println!("{mailer:?}: receipt of order {order} to {email}"); // an `Err` is tried again
//!     Ok(())
//! }
//!
//! #[with_after(route)]
//! async fn checkout(
//!     State((pool, jobs)): State<(SqlitePool, Jobs<Sqlite>)>,
//!     Json(email): Json<String>,
//! ) -> Result<String, StatusCode> {
//!     let order = store(&pool, &jobs, email).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
//!     Ok(format!("order {order}"))
//! }
//!
//! async fn store(
//!     pool: &SqlitePool,
//!     jobs: &Jobs<Sqlite>,
//!     email: String,
//! ) -> Result<i64, Box<dyn std::error::Error>> {
//!     let mut tx = pool.begin().await?;
//!     let order = sqlx::query_scalar("INSERT INTO orders DEFAULT VALUES RETURNING id");
//!     let order = order.fetch_one(&mut *tx).await?;
//!     jobs.enqueue_in(&mut tx, send_receipt(order, email)).await?;
//!     tx.commit().await?; // both are stored, or neither
//!     Ok(order)
//! }
//! ```
//!
//! `cargo run --example orders` shows it whole: a shop, its workers, a board, and commands which
//! list and retry jobs; on SQLite without any set-up, on PostgreSQL with `DATABASE_URL`.
//!
//! # The parts
//!
//! - [`#[job]`](macro@job) marks an async function. A call of it is a [`Job`], which does nothing
//!   until it is enqueued.
//! - [`Jobs`] stores jobs: [`enqueue`](Jobs::enqueue), and `enqueue_in` for the caller's own sqlx
//!   transaction. In a request a job is stored **held**, and released when the response is
//!   finished; if the process dies in between, the [hold](Jobs::hold) ends and the job runs.
//! - [`Workers`] run jobs, in the service or in processes of their own.
//! - [`Jobs::list`] and [`Jobs::retry`] look at what is stored. `Jobs::storage` gives the queue to
//!   apalis-board.
//!
//! # What is promised
//!
//! - What is committed runs at least once. A job whose process died during it runs again, so it
//!   must bear to run twice: give what it calls a key of its own.
//! - An attempt counts from its start, and never exceeds the maximum; a job of one attempt, whose
//!   process dies during it, is dead without having ended.
//! - A job runs without a request. The compiler refuses the request APIs and `outcome` in its
//!   body, and reached through helpers they report that there is no request. What it schedules
//!   with `after` runs when its end is stored.
//! - Its failures are told like those of other tasks: an error event in the job's span, and an
//!   [`on_failure`](WorkersBuilder::on_failure) hook. With the feature `opentelemetry` its span
//!   links to the trace of the request.
//! - Times are stored to the second. The clocks of all machines should agree to about that.
//!
//! # Engines
//!
//! Tables, keys and board are those of [apalis](https://docs.rs/apalis) 1.0.
//!
//! | feature | | transactions | machines |
//! |---|---|---|---|
//! | `sqlite` (default) | [`Sqlite`] | yes | one |
//! | `postgres` | `Postgres` | yes | many |
//! | `redis` | `Redis` | none: there is no `enqueue_in` | many |
//!
//! Never call apalis's own `SqliteStorage::setup()`, which turns off what makes a commit durable,
//! and never run its workers on these queues.

#![cfg_attr(
    not(feature = "sqlite"),
    expect(dead_code, reason = "each engine needs a part of what is there")
)]

mod arguments;
mod backoff;
mod engines;
mod error;
mod job;
mod jobs;
mod record;
mod state;
mod store;
mod trace;
mod workers;

#[cfg(feature = "postgres")]
pub use crate::store::postgres::Postgres;
#[cfg(feature = "redis")]
pub use crate::store::redis::Redis;
#[cfg(feature = "sqlite")]
pub use crate::store::sqlite::{Sqlite, sqlite_options, sqlite_pool};
pub use crate::{
    error::JobError,
    job::{Job, JobFn},
    jobs::{Enqueued, Jobs},
    record::{JobId, JobState, StoredJob},
    store::Store,
    workers::{Workers, WorkersBuilder},
};

/// Marks an async function whose calls can be stored.
///
/// ```
/// use with_after_jobs::{Job, job};
///
/// #[derive(Debug)]
/// struct Mailer;
///
/// #[job(max_attempts = 5, max_duration = "30s")]
/// async fn send_receipt(order: i64, email: String, mailer: &Mailer) -> std::io::Result<()> {
///     println!("{mailer:?}: receipt of order {order} to {email}");
///     Ok(())
/// }
///
/// let job: Job = send_receipt(7, "ann@example.org".into());
/// # drop(job);
/// ```
///
/// The name then stands for two things: a function that takes the arguments and returns a
/// [`Job`], and a type by which [workers](WorkersBuilder::job) know the job. `send_receipt::call`
/// does the work at once, for tests.
///
/// - A parameter by value is an argument. It is stored as JSON, under its name: its type is
///   `Serialize` and `DeserializeOwned`. While jobs are stored, an `Option` may be added and an
///   argument removed; another type or name is another function.
/// - A parameter by reference is lent by the workers, from their
///   [state](WorkersBuilder::state).
/// - The output is `()` or `Result<T, E>`, where `E` is an error or whatever else turns into a
///   `Box<dyn Error + Send + Sync>`.
///
/// It takes, in any order:
///
/// - `name = "send receipt"`: under which it is stored, by default the function's. Keep it when
///   the function is renamed. No two jobs of the same workers have the same name.
/// - `max_attempts = 5`: see [`Job::max_attempts`].
/// - `max_duration = "30s"`: how long an attempt may take, by default as long as
///   [the workers say](WorkersBuilder::max_duration).
/// - `crate = some::path`: where this crate is found, if not at `::with_after_jobs`.
///
/// The request APIs (`cookies`, `headers`, `connection`, `try_cookies`, `try_headers`) and
/// `outcome` are refused in its body at compile time, as far as the attribute sees them: see
/// [`#[with_after]`](macro@with_after::with_after).
#[doc(inline)]
pub use with_after_macros::job;

#[doc(hidden)]
pub mod __private {
    pub use with_after::TaskOutput;

    pub use crate::{
        arguments::Arguments,
        error::BoxError,
        job::{Definition, Run},
        state::State,
    };
}
