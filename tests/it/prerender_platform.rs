//! Renders while a site is in use are work like any other: kept alive, drained, refused.

use std::{future::pending, sync::Arc, time::Duration};

use axum::Router;
use http::Method;
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use with_after::{
    AfterLayer,
    platform::{Platform, Work},
    prerender::Site,
    revalidate_tag, run, serve,
};

use crate::support::{
    client::get,
    log::{Log, OnDrop},
    pages::{Counted, Gate, Visitor, request},
    server::listen,
    within,
};

#[tokio::test(start_paused = true)]
async fn a_drain_whose_time_is_over_abandons_a_render_and_names_it() {
    let (log, built) = (Log::default(), Gate::closed());
    built.open(1);
    let page = {
        let log = log.clone();
        move || {
            let (log, built) = (log.clone(), built.clone());
            async move {
                let _dropped = OnDrop(log, "dropped");
                built.pass().await;
                "text"
            }
        }
    };
    let site = Site::builder().page("/", page).tags(["abandoned"]).build().await;
    let visitor = Visitor::new(&site.expect("it builds"));
    revalidate_tag("abandoned").expect("no component renders");
    let waiting = {
        let visitor = visitor.clone();
        tokio::spawn(async move { visitor.get("/").await })
    };
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let report = visitor.platform().drain(Duration::from_secs(1)).await;
    assert_eq!(report.abandoned().len(), 1);
    assert_eq!(report.abandoned()[0].name(), "render /");
    assert!(report.abandoned()[0].location().file().ends_with("prerender_platform.rs"));
    assert_eq!(within(waiting).await.expect("it ends"), "text", "the old page is served");
    assert_eq!(log.entries(), ["dropped", "dropped"], "at build, and now");
}

#[tokio::test]
async fn serve_waits_for_a_render_and_for_the_tasks_of_its_page() {
    let (counted, gate) = (Counted::default(), Gate::closed());
    gate.open(1);
    let site = Site::builder().page("/", counted.gated(&gate)).revalidate_after(Duration::ZERO);
    let app = Router::from(site.build().await.expect("it builds")).layer(AfterLayer::new());
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server =
        tokio::spawn(serve(listener, app).shutdown_on(async { drop(stopped.await) }).into_future());
    assert_eq!(get(address, "/").await.body, "render 1");
    counted.began(2).await;
    stop.send(()).expect("the server runs");
    gate.open(1);
    let report = within(server).await.expect("it ends").expect("it listened");
    assert_eq!((report.completed(), report.failed()), (2, 0), "{report}");
    assert_eq!(counted.tasks(), 2);
}

#[tokio::test]
async fn a_request_that_waits_for_a_render_needs_no_platform_that_works_before_its_end() {
    let counted = Counted::default();
    let site = Site::builder().page("/", counted.page()).tags(["waits"]).build().await;
    let site = site.expect("it builds");
    revalidate_tag("waits").expect("no component renders");
    // The platform of `run` drives nothing before its future is done.
    let response = within(run(site.oneshot(request(Method::GET, "/")))).await;
    assert_eq!(response.expect("a site never fails").status(), 200);
    assert_eq!((counted.renders(), counted.tasks()), (2, 2));
}

#[tokio::test]
async fn where_the_platform_keeps_no_work_alive_the_old_page_is_served_and_a_new_one_refused() {
    struct Refusing;

    impl Platform for Refusing {
        fn wait_until(&self, _: Work) {}

        fn refusal(&self) -> Option<&str> {
            Some("it is frozen after each response")
        }
    }

    let counted = Counted::default();
    let list = [[("id", "old")]];
    let site = Site::builder().page_with("/{id}", counted.page_with(), list).tags(["refused"]);
    let visitor = Visitor::new(&site.build().await.expect("it builds"))
        .change_layer(|_| AfterLayer::with_platform(Refusing));
    revalidate_tag("refused").expect("no component renders");
    assert_eq!(visitor.get("/old").await, "render 1");
    assert_eq!(visitor.send(request(Method::GET, "/new")).await.status, 500);
}

#[tokio::test]
async fn a_build_that_is_dropped_leaves_no_render_behind() {
    let held = Arc::new(());
    let page = {
        let held = Arc::clone(&held);
        move || {
            let held = Arc::clone(&held);
            async move {
                pending::<()>().await;
                drop(held);
                ""
            }
        }
    };
    let build = Site::builder().page("/", page).build();
    assert!(tokio::time::timeout(Duration::from_millis(20), build).await.is_err());
    assert_eq!(Arc::strong_count(&held), 1);
}
