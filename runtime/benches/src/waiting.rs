//! An application whose tasks wait, to see what waiting costs.

use std::future::pending;

use axum::{Router, routing::get};
use with_after::{AfterLayer, after};

use crate::{Headers, answer};

/// Returns an application that leaves one task per request, which captures nothing and waits for
/// ever.
pub fn waiting_app() -> Router {
    let route = get(async || after(pending::<()>()));
    Router::new().route("/order", route).layer(AfterLayer::new()).with_state(())
}

/// Leaves `requests` tasks behind, whose requests have these headers.
pub async fn leave_tasks(app: &Router, headers: Headers, requests: usize) {
    for _ in 0..requests {
        match answer(app, headers).await {
            Ok(()) => (),
            Err(never) => match never {},
        }
    }
}
