//! A body that panics, where somebody outside of the layer goes on.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll, Waker},
};

use axum::{Router, body::Body, middleware::map_response, response::Response, routing::get};
use bytes::Bytes;
use http::Method;
use http_body::{Body as _, Frame};
use with_after::{AfterLayer, End, middleware::ResponseBody};

use crate::{
    serve_support::Running,
    support::{
        bodies,
        client::{Client, request},
        fail,
        outcomes::outcomes,
        platform::{Recording, call},
        server::Version,
    },
};

/// "half", and then a panic.
fn panicking() -> Body {
    let mut frames = ["half"].into_iter();
    let poll = move || {
        let frame = frames.next();
        if frame.is_none() {
            fail();
        }
        frame
    };
    bodies::probe(poll, || ())
}

#[tokio::test]
async fn a_body_whose_panic_is_caught_outside_and_that_is_dropped_later_has_panicked() {
    let (report, mut outcomes) = outcomes();
    let platform = Recording::default();
    let mut body = call(platform.layer(), |_| {
        report.schedule();
        std::future::ready(panicking())
    })
    .await
    .into_body();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut body).poll_frame(&mut cx).is_ready());
    let caught = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut body).poll_frame(&mut cx)));
    caught.expect_err("it panics");
    tokio::task::yield_now().await;
    assert!(outcomes.is_empty(), "the body is still there");
    drop(body);
    assert_eq!(outcomes.next().await, (Some(200), End::Panicked, 4));
    platform.drain().await;
}

#[tokio::test]
async fn a_body_whose_panic_a_middleware_turns_into_its_end_has_panicked() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let handler = async move || {
            report.schedule();
            panicking()
        };
        let catch = async |response: Response| response.map(|body| Body::new(Catching(body)));
        let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
        let (server, address) = Running::start(app.layer(map_response(catch))).await;
        let mut client = Client::connect(address, version).await;
        for _ in 0..2 {
            let response = client.fetch(request(Method::GET, "/")).await;
            assert_eq!(response.expect("it ends well").body, "half");
            assert_eq!(outcomes.next().await, (Some(200), End::Panicked, 4), "{version:?}");
        }
        server.end().await;
    }
}

#[tokio::test]
async fn a_handler_whose_panic_is_caught_outside_and_that_is_dropped_later_has_panicked() {
    let (report, mut outcomes) = outcomes();
    let platform = Recording::default();
    let mut calling = Box::pin(call(platform.layer(), |_| async move {
        report.schedule();
        fail();
    }));
    let mut cx = Context::from_waker(Waker::noop());
    let caught = catch_unwind(AssertUnwindSafe(|| calling.as_mut().poll(&mut cx).is_ready()));
    caught.expect_err("it panics");
    drop(calling);
    assert_eq!(outcomes.next().await, (None, End::Panicked, 0));
    platform.drain().await;
}

#[tokio::test]
async fn a_body_that_panics_in_its_drop_ends_its_response_as_it_said() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let handler = async move || {
            report.schedule();
            let mut frames = ["whole"].into_iter();
            bodies::probe(move || frames.next(), fail)
        };
        let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
        let (server, address) = Running::start(app).await;
        let mut client = Client::connect(address, version).await;
        for _ in 0..2 {
            let response = client.fetch(request(Method::GET, "/")).await;
            assert_eq!(response.expect("the connection is kept").body, "whole");
            assert_eq!(outcomes.next().await, (Some(200), End::Completed, 5), "{version:?}");
        }
        server.end().await;
    }
}

#[test]
fn a_body_in_place_of_another_belongs_to_no_request() {
    let body = ResponseBody::<Body>::default();
    assert!(body.is_end_stream());
    assert!(body.into_inner().is_some());
}

/// Ends where the inner body panics.
struct Catching(Body);

impl http_body::Body for Catching {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let poll = AssertUnwindSafe(|| Pin::new(&mut self.0).poll_frame(cx));
        catch_unwind(poll).unwrap_or(Poll::Ready(None))
    }
}
