//! One invocation, between its request and the next.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use lambda_http::Context;
use tokio::runtime::Handle;

use crate::{
    connection::{Announced, Connection},
    net::tell,
    platform::{InProcess, Overload, Platform, TaskReport, Work},
    sync::{Mutex, lock},
};

/// How long before the function times out its tasks are cut: enough to report them.
const MARGIN: Duration = Duration::from_millis(200);

/// The invocation that is being answered; there is one at a time.
#[derive(Clone)]
pub(super) struct Current {
    in_process: InProcess,
    invocation: Arc<Mutex<Option<Invocation>>>,
}

/// Who keeps the work of one invocation alive, and until when.
#[derive(Clone)]
struct Host {
    in_process: InProcess,
    deadline: Instant,
}

struct Invocation {
    /// What has been posted was flushed.
    connection: Arc<Connection>,
    deadline: Instant,
}

impl Current {
    pub(super) fn new() -> Self {
        let in_process = InProcess::on(Handle::current());
        Self { in_process, invocation: Arc::default() }
    }

    /// Begins an invocation, and returns what its request is told of it.
    pub(super) fn begin(&self, context: &Context) -> Announced {
        let left = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = Instant::now() + left.saturating_sub(MARGIN);
        let host = Host { in_process: self.in_process.clone(), deadline };
        let connection = Connection::new();
        let announced =
            Announced { platform: Arc::new(host), connection: Some(Arc::clone(&connection)) };
        *lock(&self.invocation) = Some(Invocation { connection, deadline });
        announced
    }

    /// Lets the work of the invocation start, and waits for it.
    pub(super) async fn finish(&self, posted: bool) {
        let Some(Invocation { connection, deadline }) = lock(&self.invocation).take() else {
            return;
        };
        if posted {
            connection.flushed();
        }
        // What ends from now on was not part of what has been posted.
        connection.gone();
        // Half of the margin is for tasks that are cut, half for what cannot be cut.
        let left = deadline.saturating_duration_since(Instant::now()) + MARGIN / 2;
        let report = self.in_process.drain(left).await;
        if !report.is_complete() {
            tell(|| {
                tracing::error!(
                    "the invocation's time is over: {report} (see with_after::guide::troubleshooting)"
                );
            });
        }
    }
}

impl Platform for Host {
    fn wait_until(&self, work: Work) {
        self.in_process.wait_until(work);
    }

    fn deadline(&self) -> Option<Instant> {
        Some(self.deadline)
    }

    fn max_tasks_per_request(&self) -> usize {
        self.in_process.max_tasks_per_request()
    }

    fn admit(&self) -> Result<(), Overload> {
        self.in_process.admit()
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.in_process.task_ended(report);
    }
}
