//! The handle.

use std::{pin::pin, sync::Arc, time::Duration};

use riverqueue::{Client, Error, InsertManyItem, InsertManyRequest, InsertRequest};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    call::{Call, JobFn},
    workers::Workers,
};

/// How long the tasks of the last jobs may take.
const LAST_TASKS: Duration = Duration::from_secs(5);

/// The jobs of an application, in its database: a cheap handle.
///
/// It is a River [`Client`] which holds the jobs of a request, and which runs
/// [`#[job]`](macro@crate::job) functions. What River offers beyond that is done with the
/// [client](Self::client) itself.
#[derive(Clone, Debug)]
pub struct Jobs {
    pub(crate) client: Client,
    pub(crate) workers: Arc<Workers>,
}

impl Jobs {
    /// Returns River's client, which lists, cancels, retries and deletes jobs, pauses queues, and
    /// has the periodic jobs.
    ///
    /// What it inserts is held like the jobs of [`enqueue`](Self::enqueue).
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Stores a job; with `.tx(&mut tx)` in a transaction of the application's own, and with
    /// `.opts(..)` as River's [`InsertOpts`](riverqueue::InsertOpts) say.
    ///
    /// Once stored and committed it runs at least once, also if the process is killed. During a
    /// request it starts when the response is finished, or when the
    /// [hold](crate::JobsBuilder::hold) is over; unless it has a time of its own, or is pending. In a
    /// task, in a job, and outside of any scope it starts at once.
    ///
    /// A transaction should end before the response does: if it is committed later, its jobs
    /// wait until their hold is over.
    ///
    /// # Errors
    ///
    /// Fails if an argument cannot be stored as it is, and where River's
    /// [`insert`](Client::insert) does. Nothing is stored then, or, where the connection was lost
    /// at the wrong moment, it is not known; what was done in a transaction is to be rolled back.
    ///
    /// # Cancel safety
    ///
    /// If the request is dropped while it is awaited, the job may be stored or not.
    pub fn enqueue<J: JobFn>(&self, call: Call<J>) -> InsertRequest<'_, Call<J>> {
        self.client.insert(call)
    }

    /// Stores any number of calls of one function but none, all or nothing, as
    /// [`enqueue`](Self::enqueue) does: calls, or pairs of a call and its
    /// [`InsertOpts`](riverqueue::InsertOpts). For different functions take River's
    /// [`insert_batch`](Client::insert_batch).
    ///
    /// # Errors
    ///
    /// Fails where [`enqueue`](Self::enqueue) does, and where there is no call.
    pub fn enqueue_many<J, I>(&self, calls: I) -> InsertManyRequest<'_, Call<J>>
    where
        J: JobFn,
        I: IntoIterator<Item: Into<InsertManyItem<Call<J>>>>,
    {
        self.client.insert_many(calls)
    }

    /// Runs jobs until `stop` is ready, then those that have begun to their end, and returns when
    /// all have ended; for `serve(..).alongside(..)`.
    ///
    /// What has not ended in time (see [`drain_within`](crate::JobsBuilder::drain_within)) is told to
    /// stop, or dropped, and given back: it does not count as an attempt. The figures are logged.
    /// Should River's client stop by itself, the reason is logged as an error.
    ///
    /// # Cancel safety
    ///
    /// If the returned future is dropped, the jobs that run are told to stop, and dropped.
    ///
    /// # Examples
    ///
    /// In the service, so that its workers end with it:
    ///
    /// ```no_run
    /// # use axum::Router;
    /// # use with_after_jobs::Jobs;
    /// # async fn example(
    /// #     listener: tokio::net::TcpListener, app: Router, jobs: Jobs,
    /// # ) -> std::io::Result<()> {
    /// with_after::serve(listener, app).alongside(move |stop| jobs.run_until(stop)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_until<F>(&self, stop: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let jobs = self.clone();
        async move {
            if let Err(error) = jobs.work(stop).await {
                tracing::error!(target: "with_after", %error, "no more jobs are run (see with_after::guide::troubleshooting)");
            }
        }
    }

    /// Runs jobs until the process gets SIGTERM or SIGINT, as [`run_until`](Self::run_until) does:
    /// for a process that does nothing else.
    ///
    /// # Errors
    ///
    /// Fails if the signal handlers cannot be installed, and if River's client does not start, or
    /// stops by itself.
    pub async fn run(&self) -> Result<(), Error> {
        let stop = stop_signal().map_err(|error| Error::Database(error.into()))?;
        self.work(stop).await
    }

    async fn work(&self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let (client, workers) = (&self.client, &self.workers);
        workers.set_stopping(false);
        let events = workers.ends.subscribe(client)?;
        let stopping = Arc::clone(workers);
        let mut run = client.start_with_graceful_stop(async move {
            stop.await;
            stopping.set_stopping(true);
        })?;

        let ended = CancellationToken::new();
        let mut listening = pin!(workers.ends.listen(events, ended.clone()));
        let result = tokio::select! {
            result = run.wait() => result,
            // It listens until it is told not to.
            _ = &mut listening => run.wait().await,
        };
        ended.cancel();
        let figures = listening.await;
        workers.tasks.close();
        let in_time = timeout(LAST_TASKS, workers.tasks.wait()).await.is_ok();
        workers.tasks.reopen();
        if !in_time {
            let tasks = workers.tasks.len();
            tracing::warn!(target: "with_after", tasks, "tasks of jobs go on although their workers have stopped (see with_after::guide::troubleshooting)");
        }
        tracing::info!(target: "with_after", jobs = ?figures, "the workers have stopped");
        result
    }
}

fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        let terminate = terminate.recv();
        #[cfg(not(unix))]
        let terminate = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = terminate => (),
            Ok(()) = tokio::signal::ctrl_c() => (),
        }
    })
}
