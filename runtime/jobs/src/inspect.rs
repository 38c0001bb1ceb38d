//! Jobs on the page of an inspector.

use riverqueue::{AttemptError, JobListParams, JobRow, JobState, SortDirection, jiff::Timestamp};
use with_after::inspector::{JobFuture, JobSource, ListedJob};

use crate::jobs::Jobs;

/// Lists the newest jobs of the database by River's client, whatever process they are of: give it to
/// [`Inspector::jobs`](with_after::inspector::Inspector::jobs). Their arguments are not shown.
impl JobSource for Jobs {
    fn list(&self, state: Option<&str>, limit: u32) -> JobFuture<'_, Vec<ListedJob>> {
        let params = params(state, limit);
        Box::pin(async {
            let listed = self.client.jobs().list(params?).await;
            Ok(listed.map_err(|error| error.to_string())?.jobs.iter().map(shown).collect())
        })
    }

    fn retry(&self, id: i64) -> JobFuture<'_, ()> {
        Box::pin(async move {
            self.client.jobs().retry(id).await.map(drop).map_err(|error| error.to_string())
        })
    }

    fn cancel(&self, id: i64) -> JobFuture<'_, ()> {
        Box::pin(async move {
            self.client.jobs().cancel(id).await.map(drop).map_err(|error| error.to_string())
        })
    }
}

fn params(state: Option<&str>, limit: u32) -> Result<JobListParams, String> {
    let params = JobListParams::default().direction(SortDirection::Descending).limit(limit);
    let Some(state) = state else { return Ok(params) };
    let known = JobState::ALL.iter().find(|known| known.as_str() == state);
    known.map(|state| params.states([*state])).ok_or_else(|| "a job has no such state".to_owned())
}

fn shown(job: &JobRow) -> ListedJob {
    let millis = Timestamp::as_millisecond;
    let number = |number: i32| u32::try_from(number).unwrap_or(0);
    let listed = ListedJob::new(job.id, &job.kind, &job.queue, job.state.as_str())
        .attempts(number(job.attempt), number(job.max_attempts))
        .times(millis(job.created_at), millis(job.scheduled_at), job.finalized_at.map(millis));
    job.errors.iter().fold(listed, |listed, AttemptError { at, attempt, error, .. }| {
        listed.error(number(*attempt), millis(*at), error)
    })
}
