//! Jobs are listed, retried and cancelled.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header::CONTENT_TYPE, request::Parts};

use super::Inspector;

/// How many jobs are listed.
const LISTED: u32 = 100;

/// What the page sends with whatever changes something. A page of another origin may not, unless it
/// is allowed to by an answer to a request of its browser that it never gets here.
const TOKEN: &str = "x-with-after-inspector";

pub(super) async fn jobs(inspector: &Inspector, request: &Parts) -> Response {
    let Some(source) = inspector.shared.jobs.get() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let uri = &request.uri;
    if uri.path() == "/jobs" && request.method == Method::GET {
        let state = uri.query().and_then(|query| query.strip_prefix("state="));
        let listed = source.list(state.filter(|state| !state.is_empty()), LISTED).await;
        return match listed.map(|jobs| serde_json::to_vec(&jobs)) {
            Ok(Ok(json)) => ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], json)
                .into_response(),
            Ok(Err(error)) => failed(&error.to_string()),
            Err(error) => failed(&error),
        };
    }
    let Some((id, action)) = target(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if request.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if !inspector.shared.job_control || !request.headers.contains_key(TOKEN) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let done = match action {
        "retry" => source.retry(id).await,
        "cancel" => source.cancel(id).await,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    match done {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

/// Reads `/jobs/7/retry`.
fn target(path: &str) -> Option<(i64, &str)> {
    let (id, action) = path.strip_prefix("/jobs/")?.split_once('/')?;
    Some((id.parse().ok()?, action))
}

fn failed(error: &str) -> Response {
    (StatusCode::BAD_GATEWAY, error.to_owned()).into_response()
}
