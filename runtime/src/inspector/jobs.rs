//! Jobs, which somebody else lists.

use std::{future::Future, pin::Pin};

use serde::Serialize;

use super::text::{LINE, NAME, cut};

/// Lists jobs for an [`Inspector`](super::Inspector), and retries and cancels them.
pub trait JobSource: Send + Sync + 'static {
    /// Returns the newest jobs, no more than `limit`; with a state, those in that state alone.
    fn list(&self, state: Option<&str>, limit: u32) -> JobFuture<'_, Vec<ListedJob>>;

    /// Has a job run again at once.
    fn retry(&self, id: i64) -> JobFuture<'_, ()>;

    /// Cancels a job.
    fn cancel(&self, id: i64) -> JobFuture<'_, ()>;
}

/// The future of a [`JobSource`]; an error is shown as it is.
pub type JobFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// A job, as the page shows it. What it takes is not shown.
#[derive(Clone, Debug, Serialize)]
pub struct ListedJob {
    id: i64,
    name: String,
    queue: String,
    state: String,
    attempt: u32,
    max_attempts: u32,
    created: i64,
    scheduled: i64,
    finished: Option<i64>,
    errors: Vec<ListedError>,
}

#[derive(Clone, Debug, Serialize)]
struct ListedError {
    attempt: u32,
    at: i64,
    error: String,
}

/// So many errors of a job are shown: the last ones.
const ERRORS: usize = 5;

impl ListedJob {
    /// Creates one in the given state.
    #[must_use]
    pub fn new(id: i64, name: &str, queue: &str, state: &str) -> Self {
        Self {
            id,
            name: cut(name, NAME).into_owned(),
            queue: cut(queue, NAME).into_owned(),
            state: cut(state, NAME).into_owned(),
            attempt: 0,
            max_attempts: 0,
            created: 0,
            scheduled: 0,
            finished: None,
            errors: Vec::new(),
        }
    }

    /// Sets how often it was tried, and how often it may be.
    #[must_use]
    pub fn attempts(self, attempt: u32, max_attempts: u32) -> Self {
        Self { attempt, max_attempts, ..self }
    }

    /// Sets when it was stored, when it is or was due, and when it ended, in milliseconds since
    /// 1970.
    #[must_use]
    pub fn times(self, created: i64, scheduled: i64, finished: Option<i64>) -> Self {
        Self { created, scheduled, finished, ..self }
    }

    /// Adds the error of an attempt, which failed at that time in milliseconds since 1970.
    #[must_use]
    pub fn error(mut self, attempt: u32, at: i64, error: &str) -> Self {
        if self.errors.len() == ERRORS {
            self.errors.remove(0);
        }
        self.errors.push(ListedError { attempt, at, error: cut(error, LINE).into_owned() });
        self
    }
}
