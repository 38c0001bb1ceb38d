//! A scope in the memory of an earlier one is as new.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{body::Body, extract::Request, response::Response};
use http_body_util::BodyExt as _;
use tokio::sync::Mutex;
use tower::{Service as _, service_fn};
use with_after::{AfterLayer, Scope, after, cache, cookies, headers, outcome, platform::InProcess};

use crate::support::log::Log;

/// What one request saw of itself.
const FIRST: [&str; 5] = ["1 header", "2 cookies", "call 1", "scope GET /first", "then 201"];
const SECOND: [&str; 5] = ["0 header", "0 cookies", "call 2", "scope GET /second", "then 202"];

#[tokio::test]
async fn a_request_sees_nothing_of_one_that_has_ended_on_its_thread() {
    let platform = InProcess::new();
    let (log, calls) = (Log::default(), Arc::new(Mutex::new(0)));
    let seen = log.clone();
    let service = service_fn(move |request: Request| {
        let (log, calls) = (seen.clone(), Arc::clone(&calls));
        async move {
            let path = request.uri().path().to_owned();
            if path == "/unused" {
                return Ok::<_, Infallible>(Response::new(Body::empty()));
            }
            log.add(format!("{} header", headers().await.get_all("x-id").iter().count()));
            if path == "/first" {
                cookies().await.set(("written", "1")).expect("the head is not sent");
            }
            log.add(format!("{} cookies", cookies().await.iter().count()));
            log.add(format!("call {}", count(&calls).await));
            let scope = format!("{:?}", Scope::current().expect("it has one"));
            log.add(format!("scope GET {}", if scope.contains(&path) { &path } else { &scope }));
            after(move || {
                let status = outcome().and_then(|outcome| outcome.status());
                log.add(format!("then {}", status.map_or(0, |status| status.as_u16())));
            });
            let status = if path == "/first" { 201 } else { 202 };
            Ok(Response::builder().status(status).body(Body::empty()).expect("it is valid"))
        }
    });
    let mut app = AfterLayer::with_platform(platform.clone()).layer(service);

    let mut written = Vec::new();
    for path in ["/first", "/second", "/unused", "/first", "/second"] {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = path.parse().expect("it is valid");
        if path != "/second" {
            let headers = request.headers_mut();
            headers.append("x-id", "1".parse().expect("it is valid"));
            headers.append("cookie", "sent=1".parse().expect("it is valid"));
        }
        let response = app.call(request).await.expect("it never fails");
        written.push(response.headers().contains_key("set-cookie"));
        response.into_body().collect().await.expect("it is empty");
        assert!(platform.drain(Duration::from_secs(10)).await.is_complete());
    }

    // The second round counts its calls on.
    let [mut third, mut fourth] = [FIRST, SECOND];
    (third[2], fourth[2]) = ("call 3", "call 4");
    assert_eq!(log.entries(), [FIRST, SECOND, third, fourth].concat());
    assert_eq!(written, [true, false, false, true, false]);
}

/// Counts how often it has run.
#[cache(skip(calls))]
async fn count(calls: &Mutex<u32>) -> u32 {
    let mut calls = calls.lock().await;
    *calls += 1;
    *calls
}
