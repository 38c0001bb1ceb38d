//! What a task has of the code that scheduled it: the table of `guide::carried`.

use std::{cell::Cell, sync::mpsc, thread, time::Duration};

use axum::{Extension, Router, body::Body, extract::Request, middleware, routing::get};
use http_body_util::BodyExt as _;
use tokio::task_local;
use tower::ServiceExt as _;
use with_after::{
    AfterLayer, Scope, after, cache, headers, outcome, platform::InProcess, task, try_headers,
    with_after,
};

use crate::support::{
    Bomb,
    log::Log,
    platform::{Recording, finish},
};

task_local! {
    static TENANT: &'static str;
}

thread_local! {
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

#[tokio::test]
async fn a_task_local_of_a_middleware_is_not_carried_but_its_value_can_be() {
    let log = Log::default();
    let handler = {
        let log = log.clone();
        async move || {
            let bare = log.clone();
            after(async move { bare.add(format!("{:?}", TENANT.try_get().is_ok())) });
            let tenant = TENANT.get();
            after(TENANT.scope(tenant, async move { log.add(TENANT.get()) }));
        }
    };
    let around = async |request: Request, next: middleware::Next| {
        TENANT.scope("acme", next.run(request)).await
    };
    let platform = Recording::default();
    let app = Router::new().route("/", get(handler));
    let app = app.layer(middleware::from_fn(around)).layer(platform.layer());
    ask(app).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["false", "acme"]);
}

#[tokio::test]
async fn request_outcome_and_cached_values_are_carried() {
    #[cache]
    fn stamp() -> u64 {
        NUMBER.with(|number| number.replace(number.get() + 1)).into()
    }

    let log = Log::default();
    let platform = Recording::default();
    finish(platform.layer(), |_| async {
        let first = stamp();
        let log = log.clone();
        after(async move {
            log.add(format!("{} {}", headers().await.contains_key("host"), stamp() == first));
            log.add(format!("{:?}", outcome().and_then(|outcome| outcome.status())));
        });
    })
    .await;

    platform.drain().await;
    assert_eq!(log.entries(), ["true true", "Some(200)"]);
}

#[tokio::test]
async fn extensions_are_not_carried_but_what_a_handler_extracts_is() {
    let log = Log::default();
    let handler = {
        let log = log.clone();
        async move |Extension(tenant): Extension<&'static str>| {
            after(move || log.add(tenant));
        }
    };
    let platform = Recording::default();
    let app = Router::new().route("/", get(handler)).layer(Extension("acme"));
    ask(app.layer(platform.layer())).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["acme"]);
}

#[test]
fn a_thread_local_is_that_of_whichever_thread_runs_the_task() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build();
    let runtime = runtime.expect("threads can be started");
    let log = Log::default();
    NUMBER.set(7);
    let platform = InProcess::on(runtime.handle().clone());
    let layer = AfterLayer::with_platform(platform.clone());
    let here = tokio::runtime::Builder::new_current_thread().build().expect("it needs nothing");
    here.block_on(finish(layer, |_| {
        let log = log.clone();
        after(move || log.add(NUMBER.get().to_string()));
        std::future::ready(())
    }));

    assert!(runtime.block_on(platform.drain(Duration::from_secs(9))).is_complete());
    assert_eq!(log.entries(), ["0"]);
}

#[tokio::test]
async fn what_a_task_spawns_has_its_scope_where_it_is_carried() {
    let log = Log::default();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        let log = log.clone();
        after(async move {
            let read = || try_headers().is_ok().to_string();
            let scope = Scope::current().expect("a task has one");
            let (bare, carried) = (
                tokio::spawn(async move { read() }),
                tokio::spawn(scope.run(async move { read() })),
            );
            log.add(bare.await?);
            log.add(carried.await?);
            let thread = thread::spawn(move || scope.enter(read));
            log.add(thread.join().expect("it does not panic"));
            Ok::<_, tokio::task::JoinError>(())
        });
        std::future::ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(log.entries(), ["false", "true", "true"]);
}

#[tokio::test]
async fn a_panic_in_the_drop_of_what_a_task_captured_fails_that_task_alone() {
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        let bomb = Bomb;
        task("bomb").schedule(move || {
            let _ = &bomb;
        });
        task("next").schedule(|| ());
        std::future::ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(
        platform.ended.entries(),
        ["bomb panicked: a failure that the test wants", "next completed"]
    );
}

#[tokio::test]
async fn a_blocking_task_leaves_the_workers_to_others_and_has_the_same_surroundings() {
    let (go, gate) = mpsc::channel::<()>();
    let (log, platform) = (Log::default(), Recording::default());
    finish(platform.layer(), |_| {
        let (first, second) = (log.clone(), log.clone());
        task("blocking").blocking().schedule(move || {
            // It blocks its thread until the other task has run, on the only worker.
            gate.recv().expect("the test tells it");
            first.add(format!("blocking {}", try_headers().is_ok()));
        });
        task("async").schedule(move || second.add("async"));
        std::future::ready(())
    })
    .await;
    while log.entries().is_empty() {
        tokio::task::yield_now().await;
    }
    go.send(()).expect("it waits");

    platform.drain().await;
    assert_eq!(log.entries(), ["async", "blocking true"]);
}

#[tokio::test]
async fn a_task_is_of_the_kind_of_its_function_whatever_it_calls() {
    #[with_after(route)]
    async fn inner() -> bool {
        try_headers().is_ok()
    }

    #[with_after(component)]
    async fn page(log: Log) {
        after(async move { log.add(inner().await.to_string()) });
    }

    let log = Log::default();
    let platform = Recording::default();
    finish(platform.layer(), |_| page(log.clone())).await;

    platform.drain().await;
    assert_eq!(log.entries(), ["false"], "the request is gone for a component's task");
}

async fn ask(app: Router) {
    let Ok(response) = app.oneshot(Request::new(Body::empty())).await;
    response.into_body().collect().await.expect("it does not fail");
}
