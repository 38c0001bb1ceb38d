//! Durable jobs on real engines.
//!
//! SQLite always runs. Tests on PostgreSQL and Redis run where `WITH_AFTER_POSTGRES_URL` and
//! `WITH_AFTER_REDIS_URL` are set, and say where they are not.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test says what was skipped, and fails where something is not as it should be"
)]

mod support;

mod after_jobs;
mod enqueue;
mod failures;
mod kill;
mod postgres;
mod recovery;
mod serve;
mod shutdown;
mod sqlite;
mod traces;
mod transactions;
mod two_processes;
mod workers;
