//! What a task sees when other layers stand between the handler and the response.

use std::{convert::Infallible, future::pending, time::Duration};

use axum::{
    Router,
    body::Body,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{
    Method, StatusCode,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH},
};
use hyper::body::Incoming;
use tower::{Layer, ServiceBuilder, service_fn};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, timeout::TimeoutLayer,
};
use with_after::{AfterLayer, End};

use crate::support::{
    client::{Client, Received, request},
    fail,
    outcomes::{Outcomes, Report, outcomes},
    server::{EVERYWHERE, Host, axum, hyper},
};

#[tokio::test]
async fn with_compression_inside_the_bytes_are_those_of_the_wire() {
    let text = || "all work and no play makes a dull response. ".repeat(100);
    let layer = || CompressionLayer::new().gzip(true);
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = match at.0 {
            Host::Axum => {
                let handler = get(move || async move {
                    report.schedule();
                    text()
                });
                let layers = ServiceBuilder::new().layer(AfterLayer::new()).layer(layer());
                axum(Router::new().route("/", handler).layer(layers)).await
            }
            Host::Hyper => {
                let service = service_fn(move |_: hyper::Request<Incoming>| {
                    report.schedule();
                    async move { Ok::<_, Infallible>(Response::new(Body::from(text()))) }
                });
                hyper(at.1, AfterLayer::new().layer(layer().layer(service))).await
            }
        };
        let mut client = Client::connect(address, at.1).await;
        let mut request = request(Method::GET, "/");
        request.headers_mut().insert(ACCEPT_ENCODING, "gzip".parse().expect("a value"));
        let received = client.fetch(request).await.expect("a whole response comes");

        assert_eq!(received.headers[CONTENT_ENCODING], "gzip");
        assert!(received.body.len() < text().len());
        let on_the_wire = received.body.len() as u64;
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, on_the_wire), "{at:?}");
    }
}

#[tokio::test]
async fn a_timeout_inside_completes_with_its_own_response() {
    let limit = Duration::from_millis(1);
    let layer = move || TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limit);
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = match at.0 {
            Host::Axum => {
                let handler = get(move || async move {
                    report.schedule();
                    pending::<()>().await;
                });
                let layers = ServiceBuilder::new().layer(AfterLayer::new()).layer(layer());
                axum(Router::new().route("/", handler).layer(layers)).await
            }
            Host::Hyper => {
                let service = service_fn(move |_: hyper::Request<Incoming>| {
                    report.schedule();
                    pending::<Result<Response, Infallible>>()
                });
                hyper(at.1, AfterLayer::new().layer(layer().layer(service))).await
            }
        };
        let mut client = Client::connect(address, at.1).await;
        let received = client.fetch(request(Method::GET, "/")).await;

        assert_eq!(received.expect("the layer answers").status, 408);
        assert_eq!(outcomes.next().await, (Some(408), End::Completed, 0), "{at:?}");
    }
}

#[tokio::test]
async fn a_panic_caught_inside_completes_with_status_500() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = match at.0 {
            Host::Axum => {
                let handler = get(move || async move {
                    report.schedule();
                    fail();
                });
                let layers =
                    ServiceBuilder::new().layer(AfterLayer::new()).layer(CatchPanicLayer::new());
                axum(Router::new().route("/", handler).layer(layers)).await
            }
            Host::Hyper => {
                let service = service_fn(move |_: hyper::Request<Incoming>| {
                    let report = report.clone();
                    async move {
                        report.schedule();
                        fail();
                        Ok::<_, Infallible>(().into_response())
                    }
                });
                hyper(at.1, AfterLayer::new().layer(CatchPanicLayer::new().layer(service))).await
            }
        };
        let mut client = Client::connect(address, at.1).await;
        let Received { status, body, .. } =
            client.fetch(request(Method::GET, "/")).await.expect("the layer answers");

        assert_eq!(status, 500);
        let bytes = body.len() as u64;
        assert_eq!(outcomes.next().await, (Some(500), End::Completed, bytes), "{at:?}");
    }
}

#[tokio::test]
async fn axums_own_answer_to_head_completes_with_the_layer_inside_and_outside_of_the_router() {
    let (inside, outcomes_inside) = outcomes();
    let (outside, outcomes_outside) = outcomes();
    let inside = axum(router(inside).layer(AfterLayer::new())).await;
    let outside =
        axum(Router::new().fallback_service(AfterLayer::new().layer(router(outside)))).await;
    for (address, outcomes) in [(inside, outcomes_inside), (outside, outcomes_outside)] {
        head(address, outcomes).await;
    }
}

fn router(report: Report) -> Router {
    Router::new().route(
        "/",
        get(move || async move {
            report.schedule();
            "hello"
        }),
    )
}

async fn head(address: std::net::SocketAddr, mut outcomes: Outcomes) {
    for (_, version) in &EVERYWHERE[..2] {
        let mut client = Client::connect(address, *version).await;
        let received = client.fetch(request(Method::HEAD, "/")).await;
        let received = received.expect("a whole response comes");
        assert_eq!(received.headers[CONTENT_LENGTH], "5");
        assert_eq!(received.body, "");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0), "{version:?}");
    }
}
