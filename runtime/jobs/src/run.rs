//! One run of a job.

use std::{pin::pin, sync::Arc, task::Poll, time::Duration};

use riverqueue::{BoxError, JobCancelError, WorkCancelled, WorkContext, WorkOutcome};
use tokio::{
    select,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span, field};
use with_after::{
    __private::{contain, future, run_job},
    Cause,
};

use crate::{
    arguments::Arguments,
    call::{Definition, JobFn, Run},
    failure::{JobFailure, RunInfo},
    metadata,
    state::{Lent, Need},
    trace::Origin,
    workers::Workers,
};

/// The name of the span of a run.
const SPAN: &str = "job";

/// One run of a job.
pub(crate) struct Attempt {
    workers: Arc<Workers>,
    job: &'static Definition,
    run: RunInfo,
    limit: Duration,
    context: WorkContext,
    /// Whether the job borrows the context: it is told to stop then, and not just dropped.
    is_told: bool,
    ended: bool,
}

/// How a run ended, if it was not with an outcome.
enum End {
    Failed(Cause),
    /// It asks for no further attempt.
    GivenUp(BoxError),
    /// It was told to stop, and did.
    Stopped,
}

/// The user's future, whose drop is contained.
struct Body(Option<Run>);

impl Attempt {
    pub(crate) fn new<J: JobFn>(workers: &Arc<Workers>, lent: &Lent) -> Self {
        let job = J::DEFINITION;
        Self {
            workers: Arc::clone(workers),
            job,
            run: RunInfo::from(&lent.row),
            limit: job.max_duration.unwrap_or(workers.times.max_duration),
            context: lent.context.clone(),
            is_told: J::needs().into_iter().any(Need::is_context),
            ended: false,
        }
    }

    /// Runs the job in its scope and span, and returns what River is to store.
    ///
    /// What the job has scheduled with `after` runs once that is stored.
    pub(crate) async fn run<J: JobFn>(
        mut self,
        arguments: Arguments,
        lent: Lent,
    ) -> Result<WorkOutcome, BoxError> {
        let span = self.open_span(&Origin::read(&lent.row.metadata));
        let job = async {
            let body = match contain(|| J::run(arguments, lent)) {
                Ok(Ok(body)) => Body(Some(body)),
                Ok(Err(error)) => return Err(End::Failed(Cause::Error(error))),
                Err(panic) => return Err(End::Failed(Cause::Panicked(panic))),
            };
            let result = self.drive(body).await;
            let recorded = if self.is_told { metadata::refuse_nul(&self.context) } else { Ok(()) };
            let Err(reason) = recorded else { return result };
            drop(contain(|| drop(result)));
            Err(End::Failed(Cause::Error(reason.into())))
        };
        let (result, tasks) =
            run_job(future(&self.job.handler, job)).instrument(span.clone()).await;
        self.ended = true;
        if let Some(tasks) = tasks {
            let stored = self.workers.ends.stored(self.run.id);
            let tasks = async {
                stored.await;
                tasks.run().await;
            };
            self.workers.tasks.spawn(tasks.instrument(span.clone()));
        }
        span.in_scope(|| self.end(result))
    }

    /// Drives the job until it ends, or has to.
    async fn drive(&self, mut body: Body) -> Result<WorkOutcome, End> {
        select! {
            biased;
            result = body.result() => return self.judge(result),
            () = sleep(self.limit) => {}
            () = self.cancellation().cancelled(), if !self.is_told => return Err(End::Stopped),
        }
        if self.is_told {
            self.cancellation().cancel();
            let result = timeout(self.workers.times.patience(), body.result()).await;
            if let Ok(Ok(Ok(outcome))) = result {
                return Ok(outcome);
            }
            drop(contain(|| drop(result)));
        }
        Err(End::Failed(Cause::TimedOut(self.limit)))
    }

    fn judge(
        &self,
        result: Result<Result<WorkOutcome, BoxError>, String>,
    ) -> Result<WorkOutcome, End> {
        let error = match result {
            Ok(Ok(outcome)) => return Ok(outcome),
            Ok(Err(error)) => error,
            Err(panic) => return Err(End::Failed(Cause::Panicked(panic))),
        };
        // The sources of an error are the user's code.
        let is = |what: fn(&(dyn std::error::Error + 'static)) -> bool| {
            contain(|| what(error.as_ref())).unwrap_or(false)
        };
        if is(JobCancelError::is_in_chain) {
            Err(End::GivenUp(error))
        } else if self.cancellation().is_cancelled() && is(WorkCancelled::is_in_chain) {
            drop(contain(|| drop(error)));
            Err(End::Stopped)
        } else {
            Err(End::Failed(Cause::Error(error)))
        }
    }

    /// Tells of a failure, and returns what River is to store: never an error of the user's, which
    /// it would show outside of any net.
    fn end(&self, result: Result<WorkOutcome, End>) -> Result<WorkOutcome, BoxError> {
        match result {
            Ok(outcome) => Ok(outcome),
            Err(End::Failed(cause)) => Err(self.fail(cause).into()),
            Err(End::GivenUp(error)) => {
                let failure = JobFailure::new(self.job, self.run, Cause::Error(error));
                let text = failure.text.clone();
                drop(contain(|| drop(failure)));
                Err(JobCancelError::new(text).into())
            }
            Err(End::Stopped) => {
                if self.workers.is_stopping() {
                    self.fail(Cause::Abandoned);
                }
                Err(WorkCancelled.into())
            }
        }
    }

    /// Tells of a failure, and returns it in words.
    fn fail(&self, cause: Cause) -> String {
        let failure = JobFailure::new(self.job, self.run, cause);
        let text = failure.text.clone();
        let RunInfo { id, attempt, .. } = self.run;
        let task = self.job.name;
        // Its span tells the rest, if that is the current one.
        let is_told = Span::current()
            .metadata()
            .is_some_and(|span| (span.target(), span.name()) == ("with_after", SPAN));
        if is_told {
            tracing::error!(target: "with_after", cause = text, "task failed");
        } else {
            let location = field::display(self.job.location);
            tracing::error!(target: "with_after", task, location, kind = "job", id, attempt, cause = text, "task failed");
        }
        let hook = self.workers.on_failure.as_ref();
        if let Some(Err(panic)) = hook.map(|hook| contain(|| hook(&failure))) {
            tracing::error!(target: "with_after", task, id, panic, "the `on_failure` hook panicked (see with_after::guide::troubleshooting)");
        }
        drop(contain(|| drop(failure)));
        text
    }

    fn cancellation(&self) -> &CancellationToken {
        self.context.cancellation_token()
    }

    fn open_span(&self, origin: &Origin) -> Span {
        let RunInfo { id, attempt, max_attempts } = self.run;
        let span = tracing::info_span!(
            target: "with_after",
            SPAN,
            task = self.job.name,
            location = %self.job.location,
            kind = "job",
            id,
            attempt,
            max_attempts,
            called_in = origin.span,
        );
        origin.link(&span);
        span
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // River has aborted it, or its runtime ends.
        if !self.ended {
            self.fail(Cause::Abandoned);
        }
    }
}

impl Body {
    /// Polls the job to its end; the error is the message of a panic.
    async fn result(&mut self) -> Result<Result<WorkOutcome, BoxError>, String> {
        let polled = std::future::poll_fn(|cx| {
            // Gone only once it has ended.
            let Some(run) = &mut self.0 else { return Poll::Pending };
            match contain(|| run.as_mut().poll(cx)) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
                Err(panic) => Poll::Ready(Err(panic)),
            }
        });
        pin!(polled).await
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let run = self.0.take();
        drop(contain(|| drop(run)));
    }
}
