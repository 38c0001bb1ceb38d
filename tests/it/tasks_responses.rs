//! Tasks run whatever the handler answers.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::{HeaderValue, StatusCode, header::LOCATION, request::Parts},
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use http::Method;
use http_body_util::BodyExt as _;
use tokio::sync::Notify;
use with_after::{
    AfterLayer, End, Interrupt, after, cookies, not_found, permanent_redirect, redirect, with_after,
};

use crate::support::{
    bodies,
    client::{Client, get as fetch, request},
    log::Log,
    outcomes::{Report, outcomes},
    platform::Recording,
    server::{EVERYWHERE, Version, axum},
    within,
};

#[with_after(route)]
async fn moved(State(report): State<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(redirect("/new?a=b"))
}

#[with_after(route)]
async fn moved_for_good(State(report): State<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(permanent_redirect("/new"))
}

#[with_after(server_fn)]
async fn done(State(report): State<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(redirect("/done"))
}

#[with_after(component)]
async fn missing(State(report): State<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(not_found())
}

#[with_after(route)]
async fn misdirected(State(report): State<Report>) -> Result<&'static str, Interrupt> {
    report.schedule();
    Err(redirect("/new\r\nset-cookie: a=b"))
}

#[with_after(route)]
async fn failing(State(report): State<Report>) -> Result<(), (StatusCode, &'static str)> {
    report.schedule();
    Err((StatusCode::BAD_GATEWAY, "no"))
}

#[tokio::test]
async fn tasks_run_after_redirects_not_found_and_errors() {
    let (report, mut outcomes) = outcomes();
    let app = Router::new()
        .route("/moved", get(moved))
        .route("/moved-for-good", get(moved_for_good))
        .route("/done", get(done))
        .route("/missing", get(missing))
        .route("/misdirected", get(misdirected))
        .route("/failing", get(failing))
        .with_state(report);
    let address = axum(app.layer(AfterLayer::new())).await;

    for (path, status, location) in [
        ("/moved", 307, Some("/new?a=b")),
        ("/moved-for-good", 308, Some("/new")),
        ("/done", 303, Some("/done")),
        ("/missing", 404, None),
        ("/misdirected", 500, None),
        ("/failing", 502, None),
    ] {
        let received = fetch(address, path).await;
        let seen = received.headers.get(LOCATION).map(HeaderValue::as_bytes);
        assert_eq!(seen, location.map(str::as_bytes), "{path}");
        assert_eq!(received.status, status, "{path}");
        assert!(!received.headers.contains_key("set-cookie"), "{path}");
        let bytes = received.body.len() as u64;
        assert_eq!(outcomes.next().await, (Some(status), End::Completed, bytes), "{path}");
    }
}

#[tokio::test]
async fn tasks_of_a_middleware_run_where_the_router_has_no_answer() {
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/only", get(|| async { "hello" }));
    let app = app.layer(from_fn(move |request, next: Next| {
        report.schedule();
        next.run(request)
    }));
    let address = axum(Router::new().fallback_service(app).layer(AfterLayer::new())).await;

    assert_eq!(fetch(address, "/none").await.status, 404);
    assert_eq!(outcomes.next().await, (Some(404), End::Completed, 0));
    let mut client = Client::connect(address, Version::Http1).await;
    let refused = client.fetch(request(Method::DELETE, "/only")).await;
    assert_eq!(refused.expect("a whole response comes").status, 405);
    assert_eq!(outcomes.next().await, (Some(405), End::Completed, 0));
}

#[tokio::test]
async fn tasks_of_an_extractor_run_though_a_later_one_rejects() {
    struct Visit;

    impl FromRequestParts<Report> for Visit {
        type Rejection = StatusCode;

        async fn from_request_parts(_: &mut Parts, report: &Report) -> Result<Self, StatusCode> {
            report.schedule();
            Ok(Self)
        }
    }

    struct Nobody;

    impl FromRequestParts<Report> for Nobody {
        type Rejection = StatusCode;

        async fn from_request_parts(_: &mut Parts, _: &Report) -> Result<Self, StatusCode> {
            Err(StatusCode::UNAUTHORIZED)
        }
    }

    async fn handler(_: Visit, _: Nobody) {}

    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/", get(handler)).with_state(report);
    let address = axum(app.layer(AfterLayer::new())).await;

    assert_eq!(fetch(address, "/").await.status, 401);
    assert_eq!(outcomes.next().await, (Some(401), End::Completed, 0));
}

#[tokio::test]
async fn a_middlewares_tasks_wait_for_the_same_end_as_the_handlers() {
    #[with_after(middleware)]
    async fn around(log: Log, request: axum::extract::Request, next: Next) -> Response {
        let (before, later) = (log.clone(), log.clone());
        after(move || before.add(format!("before {:?}", seen())));
        let visitor = cookies().await;
        let response = next.run(request).await;
        visitor.set(("visitor", "7")).expect("a middleware writes cookies");
        after(move || later.add(format!("after {:?}", seen())));
        response
    }

    fn seen() -> Option<(u16, End, u64)> {
        let outcome = with_after::outcome()?;
        Some((outcome.status()?.as_u16(), outcome.end(), outcome.body_bytes()))
    }

    for (_, version) in &EVERYWHERE[..2] {
        let (platform, log) = (Recording::default(), Log::default());
        let gate = Arc::new(Notify::new());
        let (around_log, handlers_log, handlers_gate) =
            (log.clone(), log.clone(), Arc::clone(&gate));
        let handler = get(move || {
            let (log, gate) = (handlers_log.clone(), Arc::clone(&handlers_gate));
            after(move || log.add(format!("handler {:?}", seen())));
            std::future::ready(bodies::stalled("half", async move { gate.notified().await }))
        });
        let app = Router::new().route("/", handler);
        let app =
            app.layer(from_fn(move |request, next| around(around_log.clone(), request, next)));
        let address = axum(app.layer(platform.layer())).await;
        let mut client = Client::connect(address, *version).await;
        let response = client.send(request(Method::GET, "/")).await.expect("the head comes");
        assert_eq!(response.headers()["set-cookie"], "visitor=7; Path=/");
        let mut body = response.into_body();
        within(body.frame()).await.expect("it comes").expect("whole");
        log.add("first frame");
        gate.notify_one();
        within(body.collect()).await.expect("it ends");

        platform.drain().await;
        let end = "Some((200, Completed, 4))";
        assert_eq!(
            log.entries(),
            [
                "first frame".to_owned(),
                format!("before {end}"),
                format!("handler {end}"),
                format!("after {end}")
            ]
        );
        assert_eq!(
            platform.ended.entries(),
            ["around completed", "after completed", "around completed"],
            "a function names its own tasks, and not those of what it calls"
        );
    }
}
