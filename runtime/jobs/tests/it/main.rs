//! Durable jobs on real databases.
//!
//! SQLite always runs. Tests on PostgreSQL run where `WITH_AFTER_POSTGRES_URL` is set, and say
//! where it is not.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test tells its figures, and fails where something is not as it should be"
)]

mod support;

mod after_jobs;
mod enqueue;
mod failures;
mod inserts;
mod inspect;
mod kill;
mod outages;
mod poison;
mod recovery;
mod runs;
mod serve;
mod shutdown;
mod tables;
mod traces;
mod transactions;
mod two_processes;
