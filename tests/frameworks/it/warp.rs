//! warp 0.4.

use std::convert::Infallible;

use axum::{Router, extract::Request};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use sync_wrapper::SyncStream;
use tower::util::MapRequest;
use warp::{Filter, Reply, filters::BoxedFilter, reply::Response};
use with_after::with_after;

use crate::rules::{Shared, hold};

hold!(app);

fn app(shared: Shared) -> Router {
    let shared = warp::any().map(move || shared.clone());
    let order = warp::path("order").and(warp::get()).and(shared.clone()).then(take_order);
    let stream = warp::path("stream").and(warp::get()).and(shared).then(stream_parts);
    let echo = warp::path("echo").and(warp::post()).and(warp::body::bytes()).then(send_back);
    router(order.or(stream).unify().or(echo).unify().boxed())
}

/// Makes filters a router of axum: they want a body that is `Sync`.
fn router(filters: BoxedFilter<(Response,)>) -> Router {
    Router::new().fallback_service(MapRequest::new(warp::service(filters), |request: Request| {
        request.map(|body| {
            StreamBody::new(SyncStream::new(body.into_data_stream().map_ok(Frame::data)))
        })
    }))
}

#[with_after(route)]
async fn take_order(shared: Shared) -> Response {
    shared.order().await.into_response()
}

#[with_after(route)]
async fn stream_parts(shared: Shared) -> Response {
    shared.report.schedule();
    let parts = stream::iter([Bytes::from_static(b"first")]);
    let parts = parts.chain(shared.last_part().into_stream());
    warp::reply::stream(parts.map(Ok::<_, Infallible>)).into_response()
}

#[with_after(route)]
async fn send_back(body: Bytes) -> Response {
    body.to_vec().into_response()
}
