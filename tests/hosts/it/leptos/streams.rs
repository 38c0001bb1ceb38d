//! Suspended resources and streamed parts find the scope of their request.

use std::sync::Arc;

use axum::{Extension, Router, routing::get};
use leptos::prelude::*;
use tokio::sync::Semaphore;
use with_after::{End, Scope, after, headers, task, try_headers, with_after};

use super::start;
use crate::support::{
    Client, Log, Outcomes, Report, ask, get as fetch, outcomes, read_until, request,
};

/// What a test shares with the components of its app.
#[derive(Clone)]
struct Shared {
    log: Log,
    report: Report,
    gate: Arc<Semaphore>,
}

fn shared() -> Shared {
    let parts = use_context::<http::request::Parts>().expect("leptos_axum provides them");
    parts.extensions.get::<Shared>().expect("a layer inserts it").clone()
}

async fn visitor() -> String {
    headers().await["visitor"].to_str().expect("it is text").to_owned()
}

/// Out of sight of the attribute, which refuses it at compile time.
fn is_refused() -> bool {
    try_headers().is_err()
}

/// Schedules in every place where code of a page may run.
#[with_after(component)]
#[component]
fn Page() -> impl IntoView {
    let shared = shared();
    shared.report.schedule();
    let Shared { log, gate, .. } = shared;

    let (resource_log, resource_gate) = (log.clone(), Arc::clone(&gate));
    let resource = Resource::new(
        || (),
        move |()| {
            let (log, gate) = (resource_log.clone(), Arc::clone(&resource_gate));
            async move {
                let visitor = visitor().await;
                let passed = gate.acquire().await.expect("it is open");
                passed.forget();
                let seen = visitor.clone();
                after(move || {
                    assert!(is_refused(), "it is of the component's kind");
                    log.add(format!("resource of {seen}"));
                });
                visitor
            }
        },
    );
    let (part_log, spawn_log) = (log.clone(), log);
    leptos::task::spawn(async move {
        let visitor = visitor().await;
        after(move || spawn_log.add(format!("spawned for {visitor}")));
    });
    let part = move || {
        let log = part_log.clone();
        // Leptos evaluates what is suspended several times.
        task("closure")
            .unique()
            .schedule(|| assert!(is_refused(), "it is of the component's kind"));
        Suspend::new(async move {
            let loaded = resource.await;
            let visitor = visitor().await;
            task("part").unique().schedule(move || {
                assert!(is_refused(), "it is of the component's kind");
                log.add(format!("part of {visitor}"));
            });
            view! { <b>{loaded}</b> <Inner /> }
        })
    };
    view! { <i>"shell"</i> <Suspense fallback=|| "loading">{part}</Suspense> }
}

/// Rendered only when the part that holds it is no longer suspended.
#[with_after(component)]
#[component]
fn Inner() -> impl IntoView {
    let Shared { log, .. } = shared();
    task("inner").unique().schedule(move || log.add("inner"));
    view! { <u>"inner"</u> }
}

fn app() -> (Router, Shared, Outcomes) {
    let (report, outcomes) = outcomes();
    let shared = Shared { log: Log::default(), report, gate: Arc::new(Semaphore::new(0)) };
    let pages = Router::new()
        .route("/out-of-order", get(leptos_axum::render_app_to_stream(|| view! { <Page /> })))
        .route("/in-order", get(leptos_axum::render_app_to_stream_in_order(|| view! { <Page /> })))
        .route("/async", get(leptos_axum::render_app_async(|| view! { <Page /> })))
        .layer(Extension(shared.clone()));
    (pages, shared, outcomes)
}

fn sorted(log: &Log) -> Vec<String> {
    let mut entries = log.entries();
    entries.sort_unstable();
    entries
}

#[tokio::test]
async fn tasks_wait_for_the_last_streamed_part_and_are_scheduled_in_all_of_them() {
    let (pages, shared, mut outcomes) = app();
    let server = start(pages).await;
    let path = "/out-of-order HTTP/1.1\r\nvisitor: ada\r\nx:";
    let mut client = ask(server.address, path).await;
    let shell = read_until(&mut client, "shell").await;
    assert!(!shell.contains("inner"), "{shell}");
    assert!(shared.log.entries().is_empty() && outcomes.is_empty(), "the page is not finished");

    shared.gate.add_permits(1);
    read_until(&mut client, "\r\n0\r\n\r\n").await;
    let (status, end, bytes) = outcomes.next().await;
    assert_eq!((status, end), (Some(200), End::Completed));
    assert!(bytes > 0);
    server.drain().await;
    let expected = ["inner", "part of ada", "resource of ada", "spawned for ada"];
    assert_eq!(sorted(&shared.log), expected);
}

#[tokio::test]
async fn every_mode_of_rendering_finds_the_scope() {
    for path in ["/in-order", "/async", "/out-of-order"] {
        let (pages, shared, mut outcomes) = app();
        let server = start(pages).await;
        shared.gate.add_permits(1);
        let mut request = request(http::Method::GET, path);
        request.headers_mut().insert("visitor", "ada".parse().expect("it is a value"));
        let response = Client::connect(server.address).await.fetch(request).await;
        assert_eq!(response.status(), 200, "{path}");
        let (_, end, bytes) = outcomes.next().await;
        assert_eq!((end, bytes), (End::Completed, response.body().len() as u64), "{path}");
        server.drain().await;
        let expected = ["inner", "part of ada", "resource of ada", "spawned for ada"];
        assert_eq!(sorted(&shared.log), expected, "{path}");
    }
}

/// An axum handler, which reads the request in its task after it has had a page rendered.
#[tokio::test]
async fn the_kind_of_a_component_does_not_pass_to_the_handler_that_renders_it() {
    let (_, shared, _) = app();
    let (inserted, log) = (shared.clone(), shared.log.clone());
    let page = async move |request: axum::extract::Request| {
        let response = leptos_axum::render_app_async(|| view! { <Inner /> })(request).await;
        after(async move { log.add(format!("handler for {}", visitor().await)) });
        response
    };
    let server = start(Router::new().route("/", get(page)).layer(Extension(inserted))).await;
    let mut request = request(http::Method::GET, "/");
    request.headers_mut().insert("visitor", "ada".parse().expect("it is a value"));
    Client::connect(server.address).await.fetch(request).await;
    server.drain().await;
    assert_eq!(sorted(&shared.log), ["handler for ada", "inner"]);
}

#[tokio::test]
async fn a_client_that_goes_away_while_a_part_is_suspended_aborts_the_page() {
    let (pages, shared, mut outcomes) = app();
    let server = start(pages).await;
    let path = "/out-of-order HTTP/1.1\r\nvisitor: ada\r\nx:";
    let mut client = ask(server.address, path).await;
    read_until(&mut client, "shell").await;
    drop(client);
    let (status, end, _) = outcomes.next().await;
    assert_eq!((status, end), (Some(200), End::Aborted));
    server.drain().await;
    assert_eq!(sorted(&shared.log), ["spawned for ada"]);
    // The resource goes on in its task; what it schedules now runs too.
    shared.gate.add_permits(1);
    while sorted(&shared.log).len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sorted(&shared.log), ["resource of ada", "spawned for ada"]);
}

#[tokio::test]
async fn pages_side_by_side_do_not_mix_up_their_scopes() {
    const PAGES: usize = 50;

    let (pages, shared, mut outcomes) = app();
    let server = start(pages).await;
    let fetches = (0..PAGES).map(|page| {
        let mut request = request(http::Method::GET, "/out-of-order");
        let visitor = page.to_string();
        request.headers_mut().insert("visitor", visitor.parse().expect("it is a value"));
        tokio::spawn(async move {
            let body = Client::connect(server.address).await.fetch(request).await.into_body();
            assert!(String::from_utf8_lossy(&body).contains(&format!("<b>{visitor}</b>")));
        })
    });
    let fetches: Vec<_> = fetches.collect();
    // All of them are suspended; now one after the other goes on.
    for _ in 0..PAGES {
        shared.gate.add_permits(1);
        tokio::task::yield_now().await;
    }
    for fetch in fetches {
        fetch.await.expect("it does not panic");
    }
    for _ in 0..PAGES {
        assert_eq!(outcomes.next().await.1, End::Completed);
    }
    server.drain().await;
    let mut expected = vec!["inner".to_owned(); PAGES];
    for what in ["resource of", "spawned for", "part of"] {
        expected.extend((0..PAGES).map(|page| format!("{what} {page}")));
    }
    expected.sort_unstable();
    assert_eq!(sorted(&shared.log), expected);
}

#[tokio::test]
async fn what_leptos_spawns_outside_of_requests_has_no_scope() {
    let server = start(Router::new().route("/", get(async || "up"))).await;
    fetch(server.address, "/").await;
    let (sender, receiver) = tokio::sync::oneshot::channel();
    leptos::task::spawn(async move {
        sender.send(Scope::current().is_none()).expect("the test listens");
    });
    assert!(receiver.await.expect("it runs"));
}
