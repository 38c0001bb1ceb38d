//! No scope is seen by another request.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use axum::{body::Body, response::Response};
use http::Method;
use hyper::body::Incoming;
use tokio::sync::Barrier;
use tower::{Service as _, service_fn};
use with_after::{Scope, after, headers, task};

use crate::support::{
    client::{Client, request},
    log::Log,
    platform::{Recording, finish},
    server::{EVERYWHERE, Host, Version, hyper, start},
};

#[tokio::test]
async fn a_request_on_a_kept_connection_has_a_scope_of_its_own() {
    for at in EVERYWHERE {
        let (platform, log) = (Recording::default(), Log::default());
        let tasks_log = log.clone();
        let address = start(at, platform.layer(), move |_| {
            let log = tasks_log.clone();
            async move {
                let before = headers().await["x-id"].to_str().expect("it is text").to_owned();
                tokio::task::yield_now().await;
                after(async move {
                    let after = headers().await;
                    log.add(format!("{before} {}", after["x-id"].to_str().expect("it is text")));
                });
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        for id in ["1", "2", "3"] {
            client.fetch(with_id(id)).await.expect("a whole response comes");
            platform.drain().await;
        }

        assert_eq!(log.entries(), ["1 1", "2 2", "3 3"], "{at:?}");
    }
}

#[tokio::test]
async fn requests_that_interleave_on_one_connection_keep_their_scopes_apart() {
    for at in [(Host::Axum, Version::Http2), (Host::Hyper, Version::Http2)] {
        let (platform, log) = (Recording::default(), Log::default());
        let (both, tasks_log) = (Arc::new(Barrier::new(2)), log.clone());
        let address = start(at, platform.layer(), move |_| {
            let (both, log) = (Arc::clone(&both), tasks_log.clone());
            async move {
                // Each waits for the other twice, so that their polls alternate.
                both.wait().await;
                let id = headers().await["x-id"].to_str().expect("it is text").to_owned();
                both.wait().await;
                after(async move {
                    both.wait().await;
                    let after = headers().await;
                    log.add(format!("{id} {}", after["x-id"].to_str().expect("it is text")));
                });
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let mut other = client.another();
        let (one, two) = tokio::join!(client.fetch(with_id("1")), other.fetch(with_id("2")));
        one.expect("a whole response comes");
        two.expect("a whole response comes");

        platform.drain().await;
        let mut seen = log.entries();
        seen.sort();
        assert_eq!(seen, ["1 1", "2 2"], "{at:?}");
    }
}

#[tokio::test]
async fn no_scope_is_left_behind_outside_of_the_layer() {
    for version in [Version::Http1, Version::Http2] {
        let platform = Recording::default();
        let leaks = Arc::new(Mutex::new(Vec::new()));
        let outer_leaks = Arc::clone(&leaks);
        let handler = service_fn(|_: hyper::Request<Incoming>| async {
            task("inside").schedule(async { tokio::task::yield_now().await });
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(Response::new(Body::from("hello")))
        });
        let inner = platform.layer().layer(handler);
        let outer = service_fn(move |request: hyper::Request<Incoming>| {
            let (mut inner, leaks) = (inner.clone(), Arc::clone(&outer_leaks));
            let look = move |when| {
                if Scope::current().is_some() {
                    leaks.lock().expect("nobody panics under it").push(when);
                }
            };
            async move {
                look("before the call");
                let response = inner.call(request);
                look("after the call");
                let response = response.await;
                look("after the response");
                response
            }
        });
        let address = hyper(version, outer).await;
        let mut client = Client::connect(address, version).await;
        for _ in 0..3 {
            client.fetch(request(Method::GET, "/")).await.expect("a whole response comes");
        }

        platform.drain().await;
        assert_eq!(platform.ended.entries(), ["inside completed"; 3], "{version:?}");
        assert_eq!(*leaks.lock().expect("nobody panics under it"), [""; 0], "{version:?}");
    }
}

#[tokio::test]
async fn a_request_served_inside_of_another_has_a_scope_of_its_own() {
    let (outer, inner) = (Recording::default(), Recording::default());
    let inner_layer = inner.layer();
    let address = start((Host::Axum, Version::Http1), outer.layer(), move |_| {
        let layer = inner_layer.clone();
        async move {
            task("outer").schedule(|| ());
            finish(layer, |_| async {
                task("inner").schedule(|| ());
            })
            .await;
            task("outer").schedule(|| ());
        }
    })
    .await;
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, "/")).await.expect("a whole response comes");

    outer.drain().await;
    inner.drain().await;
    assert_eq!(outer.ended.entries(), ["outer completed"; 2]);
    assert_eq!(inner.ended.entries(), ["inner completed"]);
}

fn with_id(id: &'static str) -> http::Request<Body> {
    let mut request = request(Method::GET, "/");
    request.headers_mut().insert("x-id", id.parse().expect("a value"));
    request
}

#[tokio::test]
async fn a_response_without_tasks_leaves_nothing_pending() {
    let platform = Recording::default();
    let address =
        start((Host::Axum, Version::Http1), platform.layer(), |_| async { "hello" }).await;
    let mut client = Client::connect(address, Version::Http1).await;
    client.fetch(request(Method::GET, "/")).await.expect("a whole response comes");

    assert_eq!(platform.in_process.pending(), 0);
}
