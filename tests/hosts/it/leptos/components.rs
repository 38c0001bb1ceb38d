//! Components, rendered on the server.

use axum::{Extension, Router, routing::get};
use leptos::prelude::*;
use with_after::{Kind, Scope, after, try_cookies, try_headers, with_after};

use super::start;
use crate::support::{Log, get as fetch};

fn log() -> Log {
    let parts = use_context::<http::request::Parts>().expect("leptos_axum provides them");
    parts.extensions.get::<Log>().expect("a layer inserts it").clone()
}

fn agent() -> String {
    let headers = try_headers().expect("a component reads the request");
    headers["host"].to_str().expect("it is text").to_owned()
}

#[with_after(component)]
#[component]
fn Page() -> impl IntoView {
    let log = log();
    let agent = agent();
    let seen = agent.clone();
    let task_log = log.clone();
    after(move || task_log.add(format!("page seen by {seen}, {}", refused())));
    let written = try_cookies().expect("it may read").set(("theme", "dark"));
    log.add(format!("cookie: {}", written.is_err()));
    view! { <p>{agent}</p> <Child /> }
}

#[with_after(component)]
#[component]
fn Child() -> impl IntoView {
    let log = log();
    after(move || log.add("child"));
    let scope = Scope::current().expect("a component has a scope");
    // What a view computes is rendered when the component has returned.
    move || {
        assert!(Scope::current().is_some(), "{scope:?}");
        view! { <b>"child"</b> }
    }
}

/// Says whether request data is refused to the running task.
fn refused() -> &'static str {
    match try_headers() {
        Err(error) if error.to_string().contains(Kind::Component.to_string().as_str()) => "refused",
        Err(_) => "refused for another reason",
        Ok(_) => "allowed",
    }
}

#[tokio::test]
async fn tasks_of_components_run_after_the_page_without_request_data() {
    let log = Log::default();
    let pages = Router::new()
        .route("/async", get(leptos_axum::render_app_async(|| view! { <Page /> })))
        .route("/stream", get(leptos_axum::render_app_to_stream(|| view! { <Page /> })))
        .route("/in-order", get(leptos_axum::render_app_to_stream_in_order(|| view! { <Page /> })))
        .layer(Extension(log.clone()));
    let server = start(pages).await;
    for path in ["/async", "/stream", "/in-order"] {
        let before = log.entries().len();
        let response = fetch(server.address, path).await;
        assert_eq!(response.status(), 200, "{path}");
        let body = String::from_utf8_lossy(response.body()).into_owned();
        assert!(body.contains("localhost") && body.contains("child"), "{path}: {body}");
        assert!(!response.headers().contains_key("set-cookie"), "{path}");
        server.drain().await;
        let expected = ["cookie: true", "page seen by localhost, refused", "child"];
        assert_eq!(log.entries()[before..], expected, "{path}");
    }
}
