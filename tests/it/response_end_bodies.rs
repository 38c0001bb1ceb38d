//! What a task sees of each kind of body.

use axum::body::Body;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Response, StatusCode,
    header::{CONTENT_LENGTH, TE, TRAILER},
};
use http_body::Frame;
use with_after::{AfterLayer, End};

use crate::support::{
    bodies,
    client::{Client, Received, request},
    outcomes::{Seen, outcomes},
    server::{EVERYWHERE, Host, Version, start},
};

const OK: Option<u16> = Some(200);

#[tokio::test]
async fn a_full_body_completes_with_its_bytes() {
    each(
        Method::GET,
        || Response::new(Body::from("hello")),
        |_, received, seen| {
            assert_eq!(received.body, "hello");
            assert_eq!(seen, (OK, End::Completed, 5));
        },
    )
    .await;
}

#[tokio::test]
async fn an_empty_body_completes() {
    each(
        Method::GET,
        || Response::new(Body::empty()),
        |_, received, seen| {
            assert_eq!(received.body, "");
            assert_eq!(seen, (OK, End::Completed, 0));
        },
    )
    .await;
}

#[tokio::test]
async fn the_answer_to_head_completes_though_its_body_is_never_polled() {
    // hyper alone sends the body over HTTP/2 even so: there it is counted.
    let sent = |at| if at == (Host::Hyper, Version::Http2) { 5 } else { 0 };
    each_outcome(
        Method::HEAD,
        || Response::new(Body::from("hello")),
        |at, seen| {
            assert_eq!(seen, (OK, End::Completed, sent(at)));
        },
    )
    .await;
}

#[tokio::test]
async fn the_answer_to_head_completes_though_its_body_is_a_stream() {
    each_outcome(
        Method::HEAD,
        || Response::new(bodies::chunked(&["a", "b"])),
        |_, seen| {
            assert_eq!((seen.0, seen.1), (OK, End::Completed));
        },
    )
    .await;
}

#[tokio::test]
async fn a_204_and_a_304_complete_though_their_bodies_are_never_polled() {
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
        let reply = move || {
            let mut response = Response::new(bodies::chunked(&["a", "b"]));
            *response.status_mut() = status;
            response
        };
        each_outcome(Method::GET, reply, |(_, version), seen| {
            // hyper sends it over HTTP/2 even so.
            let bytes = if version == Version::Http2 { 2 } else { 0 };
            assert_eq!(seen, (Some(status.as_u16()), End::Completed, bytes));
        })
        .await;
    }
}

#[tokio::test]
async fn a_stream_completes_with_its_bytes() {
    each(
        Method::GET,
        || Response::new(bodies::chunked(&["one, ", "two"])),
        |_, received, seen| {
            assert_eq!(received.body, "one, two");
            assert_eq!(seen, (OK, End::Completed, 8));
        },
    )
    .await;
}

#[tokio::test]
async fn a_stream_completes_at_the_length_that_its_header_promised() {
    let reply = || {
        let mut response = Response::new(bodies::chunked(&["one, ", "two"]));
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("8"));
        response
    };
    each(Method::GET, reply, |_, received, seen| {
        assert_eq!(received.headers[CONTENT_LENGTH], "8");
        assert_eq!(received.body, "one, two");
        assert_eq!(seen, (OK, End::Completed, 8));
    })
    .await;
}

#[tokio::test]
async fn a_body_with_trailers_completes_and_they_arrive() {
    let reply = || {
        let mut response = Response::new(with_trailers());
        response.headers_mut().insert(TRAILER, HeaderValue::from_static("x-sum"));
        response
    };
    each(Method::GET, reply, |_, received, seen| {
        assert_eq!(received.body, "hello");
        assert_eq!(received.trailers.expect("they are announced")["x-sum"], "7");
        assert_eq!(seen, (OK, End::Completed, 5));
    })
    .await;
}

#[tokio::test]
async fn a_body_completes_though_its_trailers_are_discarded() {
    each(
        Method::GET,
        || Response::new(with_trailers()),
        |(_, version), received, seen| {
            assert_eq!(received.body, "hello");
            // Over HTTP/1.1 hyper sends none that the head does not announce.
            assert_eq!(received.trailers.is_some(), version == Version::Http2);
            assert_eq!(seen, (OK, End::Completed, 5));
        },
    )
    .await;
}

fn with_trailers() -> Body {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("7"));
    bodies::frames([Frame::data(Bytes::from_static(b"hello")), Frame::trailers(trailers)])
}

/// Fetches `reply` from every server with every protocol, and compares what client and task saw.
async fn each(
    method: Method,
    reply: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
    compare: impl Fn((Host, Version), Received, Seen),
) {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let reply = reply.clone();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            std::future::ready(reply())
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let mut request = request(method.clone(), "/");
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
        let received = client.fetch(request).await;
        compare(at, received.expect("a whole response comes"), outcomes.next().await);
    }
}

/// The same where the client may dislike what the server makes of the body.
async fn each_outcome(
    method: Method,
    reply: impl Fn() -> Response<Body> + Clone + Send + Sync + 'static,
    compare: impl Fn((Host, Version), Seen),
) {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let reply = reply.clone();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            std::future::ready(reply())
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        drop(client.fetch(request(method.clone(), "/")).await);
        compare(at, outcomes.next().await);
    }
}
