//! A page of the jobs. River UI shows more of the same tables.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, Redirect},
    routing::{get, post},
};
use riverqueue::{JobListOrderBy, JobListParams, JobRow, SortDirection};
use with_after_jobs::{Jobs, riverqueue};

pub(crate) fn router(jobs: Jobs) -> Router {
    Router::new().route("/", get(page)).route("/jobs/{id}/{action}", post(act)).with_state(jobs)
}

async fn page(State(jobs): State<Jobs>) -> Result<Html<String>, (StatusCode, String)> {
    let params = JobListParams::default().limit(50);
    let params = params.order_by(JobListOrderBy::Id).direction(SortDirection::Descending);
    let listed = jobs.client().jobs().list(params).await.map_err(failed)?;
    let mut page = String::from(
        "<!doctype html><title>jobs</title><meta http-equiv=refresh content=2>\
         <table border=1><tr><th>id<th>job<th>state<th>attempt<th>arguments<th>last error<th>",
    );
    for job in listed.jobs {
        let JobRow { id, kind, state, attempt, max_attempts, .. } = &job;
        let error = job.errors.last().map_or("", |error| error.error.as_str());
        let (arguments, error) = (escape(job.encoded_args.get()), escape(error));
        let _ = write!(
            page,
            "<tr><td>{id}<td>{kind}<td>{}<td>{attempt} of {max_attempts}<td>{arguments}<td>{error}\
             <td><form method=post><button formaction=/jobs/{id}/retry>retry</button>\
             <button formaction=/jobs/{id}/cancel>cancel</button></form>",
            state.as_str(),
        );
    }
    page.push_str("</table>");
    Ok(Html(page))
}

async fn act(
    State(jobs): State<Jobs>,
    Path((id, action)): Path<(i64, String)>,
) -> Result<Redirect, (StatusCode, String)> {
    let client = jobs.client().jobs();
    match action.as_str() {
        "retry" => client.retry(id).await.map_err(failed)?,
        "cancel" => client.cancel(id).await.map_err(failed)?,
        _ => return Err((StatusCode::NOT_FOUND, "there is no such action".into())),
    };
    Ok(Redirect::to("/"))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` calls")]
fn failed(error: riverqueue::Error) -> (StatusCode, String) {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
