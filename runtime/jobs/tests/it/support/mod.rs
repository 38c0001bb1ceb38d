//! What the tests share.

pub(crate) mod child;
pub(crate) mod engines;
pub(crate) mod seen;
pub(crate) mod temp;

use std::time::Duration;

use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use with_after_jobs::{JobState, Jobs, Store, StoredJob, Workers, WorkersBuilder};

/// Longer than anything here takes: a hang ends as a failure.
pub(crate) const LONG: Duration = Duration::from_secs(30);

/// Workers that run in the test's process.
pub(crate) struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start<S: Store>(workers: Workers<S>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        Self { stop: Some(stop), task: tokio::spawn(workers.run_until(stopped)) }
    }

    /// Tells the workers to stop, without waiting for it.
    pub(crate) fn tell(&mut self) {
        self.stop = None;
    }

    /// Stops the workers, and waits until they have.
    pub(crate) async fn stop(mut self) {
        self.tell();
        within(self.task).await.expect("the workers do not panic");
    }

    /// Drops the workers where they stand, as a killed process would.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let ended = within(self.task).await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "they ran when they were killed");
    }
}

/// Workers that look often, so that tests are quick.
pub(crate) fn quick<S: Store>(jobs: &Jobs<S>) -> WorkersBuilder<S> {
    jobs.workers()
        .poll_every(Duration::from_millis(50))
        .heartbeat(Duration::from_secs(1))
        .backoff(Duration::from_millis(10), Duration::from_millis(10))
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LONG, future).await.expect("it takes no longer than half a minute")
}

/// Returns the jobs in a state.
pub(crate) async fn list<S: Store>(jobs: &Jobs<S>, state: JobState) -> Vec<StoredJob> {
    jobs.list(state, 1_000).await.expect("jobs can be listed")
}

/// Waits until a state has that many jobs.
pub(crate) async fn until<S: Store>(
    jobs: &Jobs<S>,
    state: JobState,
    count: usize,
) -> Vec<StoredJob> {
    within(async {
        loop {
            let listed = list(jobs, state).await;
            if listed.len() == count {
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}
