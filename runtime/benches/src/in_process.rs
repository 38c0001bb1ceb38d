//! Requests without sockets.

use std::{convert::Infallible, hint::black_box};

use axum::{Router, body::Body, extract::Request};
use http_body_util::BodyExt as _;
use tower_service::Service as _;

use crate::headers::Headers;

/// Answers one request to the end of its body, and lets its tasks run.
///
/// # Errors
///
/// Never fails: neither the applications nor their bodies do.
pub async fn answer(app: &Router, headers: Headers) -> Result<(), Infallible> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = http::Uri::from_static("/order");
    for (name, value) in headers.list() {
        request.headers_mut().append(*name, http::HeaderValue::from_static(value));
    }
    let response = app.clone().call(request).await?;
    let body = response.into_body().collect().await;
    black_box(body.is_ok());
    // Tasks are spawned, and some of them spawn others.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    Ok(())
}
