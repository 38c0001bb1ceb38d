//! The scope in code that does not inherit it.

use std::{sync::Arc, thread};

use http::Method;
use tokio::{runtime::Handle, sync::Notify};
use with_after::{
    AfterLayer, End, Headers, RequestApiError, Scope, after, headers, platform::InProcess, task,
    try_after, try_headers, with_after,
};

use crate::support::{
    client::{Client, get, request},
    outcomes::{Report, outcomes},
    platform::{Recording, finish},
    server::{EVERYWHERE, Host, Version, start},
    within,
};

#[tokio::test]
async fn a_spawned_task_schedules_through_the_scope_for_the_same_end_of_the_response() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            let scope = Scope::current().expect("the layer opened it");
            let spawned = tokio::spawn(scope.run(scheduling(report.clone())));
            async move {
                spawned.await.expect("it does not panic");
                "hello"
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let mut request = request(Method::GET, "/");
        request.headers_mut().insert("x-id", "7".parse().expect("a value"));
        client.fetch(request).await.expect("a whole response comes");

        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 5), "{at:?}");
    }
}

async fn scheduling(report: Report) {
    tokio::task::yield_now().await;
    assert_eq!(headers().await["x-id"], "7");
    report.schedule();
}

#[tokio::test]
async fn a_spawned_task_without_the_scope_finds_none() {
    let address = start((Host::Axum, Version::Http1), AfterLayer::new(), |_| async {
        assert!(Scope::current().is_some());
        let found = tokio::spawn(async {
            let error = try_after(|| ()).expect_err("there is no scope");
            error.is_outside_scope() && Scope::current().is_none()
        });
        found.await.expect("it does not panic").to_string()
    })
    .await;

    assert_eq!(get(address, "/").await.body, "true");
}

#[tokio::test]
async fn a_thread_with_a_runtime_schedules_through_the_scope() {
    let (report, mut outcomes) = outcomes();
    let address = start((Host::Axum, Version::Http1), AfterLayer::new(), move |_| {
        let scope = Scope::current().expect("the layer opened it");
        let (report, runtime) = (report.clone(), Handle::current());
        async move {
            let thread = thread::spawn(move || {
                let _runtime = runtime.enter();
                scope.enter(|| report.schedule());
                Scope::current().is_none()
            });
            thread.join().expect("it does not panic").to_string()
        }
    })
    .await;

    assert_eq!(get(address, "/").await.body, "true");
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 4));
}

#[tokio::test]
async fn a_thread_without_a_runtime_schedules_on_the_one_that_the_platform_names() {
    let (report, mut outcomes) = outcomes();
    let layer = AfterLayer::with_platform(InProcess::on(Handle::current()));
    let address = start((Host::Axum, Version::Http1), layer, move |_| {
        let scope = Scope::current().expect("the layer opened it");
        let report = report.clone();
        async move {
            thread::spawn(move || scope.enter(|| report.schedule())).join().is_ok().to_string()
        }
    })
    .await;

    assert_eq!(get(address, "/").await.body, "true");
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 4));
}

#[tokio::test]
async fn a_carried_scope_keeps_the_kind_of_the_function_that_took_it() {
    #[with_after(component)]
    async fn page(seen: Arc<Notify>) {
        let scope = Scope::current().expect("a component has one");
        let spawned = tokio::spawn(scope.run(async move {
            task("spawned").schedule(move || {
                if read_headers().is_err_and(|error| error.is_in_component_task()) {
                    seen.notify_one();
                }
            });
        }));
        spawned.await.expect("it does not panic");
    }

    let (platform, seen) = (Recording::default(), Arc::new(Notify::new()));
    finish(platform.layer(), |_| page(Arc::clone(&seen))).await;

    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["spawned completed"]);
    within(seen.notified()).await;
}

/// Where the attribute does not see it.
fn read_headers() -> Result<Headers, RequestApiError> {
    try_headers()
}

#[tokio::test]
async fn entering_a_scope_inside_of_another_comes_back_to_the_outer_one() {
    let (outer, inner) = (Recording::default(), Recording::default());
    let mut carried = None;
    finish(inner.layer(), |_| {
        carried = Scope::current();
        std::future::ready(())
    })
    .await;
    let carried = carried.expect("the layer opened it");
    finish(outer.layer(), |_| async move {
        task("before").schedule(|| ());
        carried.enter(|| task("inside").schedule(|| ()));
        task("between").schedule(|| ());
        carried.run(async { task("inside").schedule(|| ()) }).await;
        after(|| ());
    })
    .await;

    outer.drain().await;
    inner.drain().await;
    assert_eq!(outer.ended.entries(), ["before completed", "between completed", "after completed"]);
    assert_eq!(inner.ended.entries(), ["inside completed", "inside completed"]);
}
