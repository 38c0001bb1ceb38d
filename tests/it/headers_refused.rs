//! Request APIs where they are refused when the code runs.

use std::{
    future::ready,
    panic::{self, AssertUnwindSafe},
    pin::pin,
};

use futures_util::FutureExt as _;
use http::Method;
use with_after::{
    RequestApiError, after, connection, cookies, headers, method, task, try_cookies, try_headers,
    uri, with_after,
};

use crate::support::{
    client::{Client, request},
    log::Log,
    panics::panic_of,
    platform::{Recording, finish},
    server::{EVERYWHERE, start},
};

const THIS_FILE: &str = "tests/it/headers_refused.rs";

// The attribute sees no further than the function itself.
fn helper() -> RequestApiError {
    try_headers().expect_err("it is refused")
}

async fn awaiting_helper(api: &'static str) {
    match api {
        "cookies" => drop(cookies().await),
        "headers" => drop(headers().await),
        _ => connection().await,
    }
}

#[with_after(component)]
async fn profile(log: Log) {
    let nested = log.clone();
    after(move || log.add(format!("{}\n{}", line!(), helper())));
    after(async move {
        after(async move {
            tokio::task::yield_now().await;
            after(move || nested.add(format!("{}\n{}", line!(), helper())));
        });
    });
}

#[tokio::test]
async fn a_components_tasks_are_refused_through_helpers_and_nested_tasks() {
    for at in EVERYWHERE {
        let (platform, log) = (Recording::default(), Log::default());
        let handlers_log = log.clone();
        let address = start(at, platform.layer(), move |_| profile(handlers_log.clone())).await;
        let mut client = Client::connect(address, at.1).await;
        client.fetch(request(Method::GET, "/people/7?q=1")).await.expect("a whole response");

        platform.drain().await;
        let entries = log.entries();
        assert_eq!(entries.len(), 2, "{at:?}: {entries:?}");
        for entry in entries {
            let (scheduled, message) = entry.split_once('\n').expect("both are there");
            assert!(message.contains("task of the component `profile`"), "{message}");
            assert!(message.contains("GET /people/7"), "the route: {message}");
            assert!(!message.contains("q=1"), "queries may hold secrets: {message}");
            let scheduled = format!("scheduled at {THIS_FILE}:{scheduled}:");
            assert!(message.contains(&scheduled), "{scheduled} in {message}");
            let used = format!("`headers()` at {THIS_FILE}:");
            assert!(message.contains(&used), "{message}");
        }
    }
}

#[tokio::test]
async fn each_api_panics_in_a_components_task_and_the_failure_names_it() {
    #[with_after(metadata)]
    async fn title() {
        for api in ["cookies", "headers", "connection"] {
            task(api).schedule(awaiting_helper(api));
        }
        task("after them").schedule(|| ());
    }

    let platform = Recording::default();
    finish(platform.layer(), |_| title()).await;

    platform.drain().await;
    let ended = platform.ended.entries();
    assert_eq!(ended.len(), 4);
    for (end, api) in ended.iter().zip(["cookies", "headers", "connection"]) {
        let panicked = format!("{api} panicked: `{api}()` at {THIS_FILE}:");
        assert!(end.starts_with(&panicked), "{end}");
        assert!(end.contains("task of the metadata `title`"), "{end}");
    }
    assert_eq!(ended[3], "after them completed");
}

#[tokio::test]
async fn the_errors_of_both_try_forms_say_what_they_are() {
    #[with_after(component)]
    async fn page(log: Log) {
        after(move || {
            for error in [read_headers(), read_cookies()].into_iter().flatten() {
                assert!(error.is_in_component_task(), "{error}");
                assert!(!error.is_outside_scope() && !error.is_no_request(), "{error}");
                log.add("refused");
            }
        });
    }

    fn read_headers() -> Option<RequestApiError> {
        try_headers().err()
    }

    fn read_cookies() -> Option<RequestApiError> {
        try_cookies().err()
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| page(log.clone())).await;
    platform.drain().await;
    assert_eq!(log.entries(), ["refused", "refused"]);
}

#[tokio::test]
async fn tasks_of_other_kinds_and_of_unannotated_code_read() {
    #[with_after(route)]
    async fn route() {
        reading("route");
    }

    #[with_after(server_fn)]
    async fn server_fn() {
        reading("server_fn");
    }

    #[with_after(middleware)]
    async fn middleware() {
        reading("middleware");
        // The component's tasks are refused, and its caller's are not.
        page().await;
        reading("middleware again");
    }

    #[with_after(component)]
    async fn page() {
        reading("component");
    }

    fn reading(name: &'static str) {
        task(name).schedule(async move {
            tokio::task::yield_now().await;
            after(move || try_headers().map(drop));
            try_cookies().map(drop)
        });
    }

    let platform = Recording::default();
    finish(platform.layer(), |_| async {
        reading("unannotated");
        route().await;
        server_fn().await;
        middleware().await;
    })
    .await;

    platform.drain().await;
    let failed = platform.ended.entries();
    let failed: Vec<_> = failed.iter().filter(|end| end.contains("failed")).collect();
    assert_eq!(platform.ended.entries().len(), 12);
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(failed.iter().all(|end| end.contains("task of the component `page`")), "{failed:?}");
}

#[test]
fn outside_of_any_scope_each_api_says_so_where_it_was_called() {
    for error in [try_headers().expect_err("no scope"), try_cookies().expect_err("no scope")] {
        assert!(error.is_outside_scope() && !error.is_no_request());
        assert!(error.to_string().contains(&format!("at {THIS_FILE}:")), "{error}");
        assert!(error.to_string().contains("AfterLayer"), "{error}");
    }
    for api in ["cookies", "headers", "connection"] {
        let call = AssertUnwindSafe(|| pin!(awaiting_helper(api)).now_or_never());
        let payload = panic::catch_unwind(call).expect_err("it panics");
        let message = payload.downcast_ref::<String>().expect("it says something");
        assert!(message.starts_with(&format!("`{api}()` was called outside")), "{message}");
    }
}

#[test]
fn a_refused_api_panics_at_its_caller() {
    let line = line!() + 2; // of the first call
    let calls: [(&str, fn()); 5] = [
        ("cookies", || drop(cookies())),
        ("headers", || drop(headers())),
        ("connection", || drop(connection())),
        ("uri", || drop(uri())),
        ("method", || drop(method())),
    ];
    for ((api, call), line) in calls.into_iter().zip(line..) {
        let (place, message) = panic_of(call);
        assert_eq!(place, format!("{THIS_FILE}:{line}"));
        assert!(message.starts_with(&format!("`{api}()` was called outside")), "{message}");
    }
}

#[tokio::test]
async fn headers_that_the_component_read_itself_are_its_tasks_to_use() {
    #[with_after(component)]
    async fn page(log: Log) {
        let (headers, jar) = (headers().await, cookies().await);
        after(move || log.add(format!("{} {}", headers["host"].is_empty(), jar.iter().count())));
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| page(log.clone())).await;
    finish(platform.layer(), |_| ready(())).await;
    platform.drain().await;
    assert_eq!(log.entries(), ["false 0"]);
}
