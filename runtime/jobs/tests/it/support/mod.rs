//! What the tests share.

pub(crate) mod child;
pub(crate) mod engines;
pub(crate) mod proxy;
pub(crate) mod seen;
pub(crate) mod server;
pub(crate) mod temp;

use std::time::Duration;

use riverqueue::{
    Client, ClientBuilder, JobListParams, JobRow, JobState, QueueConfig, RetryPolicy, WorkError,
    jiff::Timestamp,
};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use with_after_jobs::{Jobs, JobsBuilder, riverqueue};

use self::engines::Engine;

/// Longer than anything here takes: a hang ends as a failure.
pub(crate) const LONG: Duration = Duration::from_mins(1);

/// Workers that run in the test's process.
pub(crate) struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(jobs: &Jobs) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { drop(stopped.await) };
        Self { stop: Some(stop), task: tokio::spawn(jobs.run_until(stopped)) }
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
}

/// A handle that looks often, so that tests are quick.
pub(crate) fn quick(engine: &Engine) -> JobsBuilder {
    hurried(engine.builder())
}

pub(crate) fn hurried(builder: JobsBuilder) -> JobsBuilder {
    builder
        .maintenance(|maintenance| {
            maintenance
                .with_scheduler_interval(Duration::from_millis(100))
                .with_elect_interval(Duration::from_millis(200))
        })
        .client(|client: ClientBuilder| client.retry_policy(Soon))
}

/// Tries again at once.
struct Soon;

impl RetryPolicy for Soon {
    fn next_retry(&self, _: &JobRow, _: &WorkError, _: Timestamp) -> Duration {
        Duration::from_millis(10)
    }
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(LONG, future).await.expect("it takes no longer than a minute")
}

/// Returns the jobs in a state.
pub(crate) async fn list(client: &Client, state: JobState) -> Vec<JobRow> {
    let params = JobListParams::default().states([state]).limit(10_000);
    client.jobs().list(params).await.expect("jobs can be listed").jobs
}

/// Waits until a state has that many jobs.
pub(crate) async fn until(client: &Client, state: JobState, count: usize) -> Vec<JobRow> {
    within(async {
        loop {
            let listed = list(client, state).await;
            if listed.len() == count {
                return listed;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

/// Leaves all jobs to others, but may lead.
pub(crate) async fn leading(jobs: Jobs) -> Jobs {
    jobs.client().local_queues().remove("default").await.unwrap();
    jobs.client().local_queues().add("elsewhere", QueueConfig::new(1)).unwrap();
    jobs
}
