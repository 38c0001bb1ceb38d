//! The layer changes no byte of a response.

use std::convert::Infallible;

use axum::{Router, body::Body};
use bytes::Bytes;
use http::{HeaderValue, Response, header::CONTENT_LENGTH};
use http_body::Frame;
use hyper::body::Incoming;
use tokio::io::AsyncReadExt as _;
use tower::service_fn;
use with_after::{AfterLayer, after};

use crate::support::{
    bodies,
    client::raw,
    server::{Version, axum, hyper},
    within,
};

type Reply = fn() -> Response<Body>;

const REPLIES: [(&str, Reply, &str); 5] = [
    ("full", || Response::new(Body::from("hello")), "content-length: 5\r\n"),
    ("empty", || Response::new(Body::empty()), "content-length: 0\r\n"),
    ("stream", || Response::new(bodies::chunked(&["a", "b"])), "transfer-encoding: chunked\r\n"),
    ("sized stream", sized_stream, "content-length: 2\r\n"),
    ("frames", frames, "transfer-encoding: chunked\r\n"),
];

#[tokio::test]
async fn content_length_stays_content_length_and_chunked_stays_chunked() {
    for (name, reply, framing) in REPLIES {
        for method in ["GET", "HEAD"] {
            let bare = axum(Router::new().fallback(move || async move { reply() })).await;
            let wrapped = Router::new().fallback(move || async move {
                after(|| ());
                reply()
            });
            let wrapped = axum(wrapped.layer(AfterLayer::new())).await;
            let (bare, wrapped) = (fetch(bare, method).await, fetch(wrapped, method).await);

            assert_eq!(wrapped, bare, "{name} {method}");
            assert!(wrapped.contains(framing) || method == "HEAD", "{name} {wrapped}");
        }
    }
}

#[tokio::test]
async fn the_framing_is_kept_under_hyper_alone() {
    for (name, reply, framing) in REPLIES {
        for method in ["GET", "HEAD"] {
            let service = move |schedules: bool| {
                service_fn(move |_: hyper::Request<Incoming>| async move {
                    if schedules {
                        after(|| ());
                    }
                    Ok::<_, Infallible>(reply())
                })
            };
            let bare = hyper(Version::Http1, service(false)).await;
            let wrapped = hyper(Version::Http1, AfterLayer::new().layer(service(true))).await;
            let (bare, wrapped) = (fetch(bare, method).await, fetch(wrapped, method).await);

            assert_eq!(wrapped, bare, "{name} {method}");
            assert!(wrapped.contains(framing) || method == "HEAD", "{name} {wrapped}");
        }
    }
}

/// Returns every byte of the answer but its date.
async fn fetch(address: std::net::SocketAddr, method: &str) -> String {
    let request = format!("{method} / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    let mut stream = raw(address, request).await;
    within(stream.read_to_string(&mut answer)).await.expect("it is text");
    let lines = answer.split_inclusive("\r\n").filter(|line| !line.starts_with("date: "));
    lines.collect()
}

fn sized_stream() -> Response<Body> {
    let mut response = Response::new(bodies::chunked(&["a", "b"]));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("2"));
    response
}

fn frames() -> Response<Body> {
    Response::new(bodies::frames(
        ["a", "b"].map(|data| Frame::data(Bytes::from_static(data.as_bytes()))),
    ))
}
