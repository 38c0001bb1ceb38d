//! Running jobs.

mod attempt;
mod builder;
mod heart;
mod report;
mod runner;

use std::{collections::HashMap, future::Future, io, sync::Arc, time::Duration};

pub use self::builder::WorkersBuilder;
use self::{report::Hooks, runner::Runner};
use crate::{
    arguments::Arguments,
    backoff::Backoff,
    error::BoxError,
    job::{Definition, JobFn, Run},
    jobs::Jobs,
    state::State,
    store::Store,
};

/// Workers that run stored jobs, in the service or in a process of their own, in as many processes
/// as you like: described by [`Jobs::workers`].
///
/// A job runs at least once. It is run again if its process dies, after the workers of another
/// process, or of the same one once it is started again, have missed its heartbeat; so a job must
/// bear to run twice.
#[derive(Debug)]
#[must_use = "workers do nothing unless they run"]
pub struct Workers<S> {
    jobs: Jobs<S>,
    shared: Arc<Shared>,
    options: Options,
}

/// What all attempts of some workers need.
#[derive(Debug)]
struct Shared {
    table: HashMap<&'static str, Entry>,
    state: State,
    hooks: Hooks,
    max_duration: Option<Duration>,
    backoff: Backoff,
}

/// A function that the workers know.
#[derive(Clone, Copy, Debug)]
struct Entry {
    definition: &'static Definition,
    run: fn(Arguments, State) -> Result<Run, BoxError>,
    missing: fn(&State) -> Vec<&'static str>,
}

#[derive(Clone, Copy, Debug)]
struct Options {
    concurrency: usize,
    poll: Duration,
    heartbeat: Duration,
    drain_within: Duration,
    keep_done_for: Duration,
}

impl Entry {
    fn of<J: JobFn>() -> Self {
        Self { definition: J::DEFINITION, run: J::run, missing: J::missing }
    }
}

impl<S: Store> Workers<S> {
    /// Runs jobs until `stop` is ready, then those that have begun to their end, and returns when
    /// all have ended.
    ///
    /// What has not ended within [`drain_within`](WorkersBuilder::drain_within) is dropped,
    /// reported as abandoned, and run again by others. What has not begun stays stored.
    ///
    /// # Cancel safety
    ///
    /// If the returned future is dropped, so are the jobs that run. Other workers take them over
    /// as they do those of a process that was killed.
    ///
    /// # Examples
    ///
    /// In the service, so that workers end with it:
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # use with_after_jobs::{Sqlite, Workers};
    /// # async fn example(
    /// #     listener: tokio::net::TcpListener, app: Router, workers: Workers<Sqlite>,
    /// # ) -> std::io::Result<()> {
    /// with_after::serve(listener, app).alongside(|stop| workers.run_until(stop)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_until<F>(self, stop: F) -> impl Future<Output = ()> + Send + use<S, F>
    where
        F: Future<Output = ()> + Send,
    {
        Runner::new(self).run(stop)
    }

    /// Runs jobs until the process gets SIGTERM or SIGINT, as [`run_until`](Self::run_until) does:
    /// for a process that does nothing else.
    ///
    /// # Errors
    ///
    /// Fails if the signal handlers cannot be installed.
    pub async fn run(self) -> io::Result<()> {
        let stop = stop_signal()?;
        self.run_until(stop).await;
        Ok(())
    }
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        // Without a handler nobody can stop the workers but by killing them.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
