//! What a task sees when the handler or the body fails.

use std::convert::Infallible;

use axum::{body::Body, response::Response};
use http::Method;
use hyper::body::Incoming;
use tower::service_fn;
use with_after::{AfterLayer, End};

use crate::support::{
    bodies,
    client::{Client, request},
    fail,
    outcomes::outcomes,
    server::{EVERYWHERE, Version, hyper, start},
};

#[tokio::test]
async fn a_panic_of_the_handler_ends_the_response_without_a_status() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            let report = report.clone();
            async move {
                report.schedule();
                fail();
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("there is no response");
        assert_eq!(outcomes.next().await, (None, End::Panicked, 0), "{at:?}");
    }
}

#[tokio::test]
async fn an_error_of_the_body_ends_the_response() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            std::future::ready(bodies::failing("half"))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("the body is cut");
        assert_eq!(outcomes.next().await, (Some(200), End::BodyError, 4), "{at:?}");
    }
}

#[tokio::test]
async fn a_panic_of_the_body_ends_the_response_with_its_status() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            let mut frames = ["half"].into_iter();
            let poll = move || match frames.next() {
                Some(data) => Some(data),
                None => panic!("the body fails, as the test wants it"),
            };
            std::future::ready(bodies::probe(poll, || ()))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("the body is cut");
        assert_eq!(outcomes.next().await, (Some(200), End::Panicked, 4), "{at:?}");
    }
}

#[tokio::test]
async fn a_body_shorter_than_its_header_promised_ends_as_it_says_itself() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            let mut response = Response::new(bodies::chunked(&["half"]));
            response.headers_mut().insert("content-length", "8".parse().expect("a value"));
            std::future::ready(response)
        })
        .await;
        let mut client = Client::connect(address, at.1).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("half of it is missing");
        // The handler's body did end: the lie is in the header.
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 4), "{at:?}");
    }
}

#[tokio::test]
async fn an_error_of_the_service_ends_the_response_without_a_status() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let service = service_fn(move |_: hyper::Request<Incoming>| {
            report.schedule();
            async { Err::<Response, _>(std::io::Error::other("no backend")) }
        });
        let address = hyper(version, AfterLayer::new().layer(service)).await;
        let mut client = Client::connect(address, version).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("there is no response");
        assert_eq!(outcomes.next().await, (None, End::Aborted, 0), "{version:?}");
    }
}

#[tokio::test]
async fn a_call_that_panics_before_it_returns_a_future_ends_the_response() {
    for version in [Version::Http1, Version::Http2] {
        let (report, mut outcomes) = outcomes();
        let service = service_fn(move |_: hyper::Request<Incoming>| {
            report.schedule();
            fail();
            async { Ok::<_, Infallible>(Response::new(Body::empty())) }
        });
        let address = hyper(version, AfterLayer::new().layer(service)).await;
        let mut client = Client::connect(address, version).await;

        client.fetch(request(Method::GET, "/")).await.expect_err("there is no response");
        assert_eq!(outcomes.next().await, (None, End::Panicked, 0), "{version:?}");
    }
}
