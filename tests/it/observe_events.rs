//! Observers are told what happens, in its order, and can disturb nothing.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::get};
use with_after::{
    AfterLayer, Kind, RunOn, after,
    observe::{Event, Origin},
    platform::InProcess,
    prerender::{Revalidation, Site},
    task, with_after,
};

use crate::{
    serve_support::Running,
    support::{
        client::get as fetch,
        fail,
        platform::{call, finish},
        server::listen,
        within,
    },
};

/// Writes down events in words, with numbers that begin at 1.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn observer(&self) -> impl Fn(&Event<'_>) + Send + Sync + use<> {
        let told = self.clone();
        move |event| told.0.lock().expect("nobody panics").push(words(event))
    }

    fn platform(&self) -> InProcess {
        let platform = InProcess::new();
        platform.observe(self.observer());
        platform
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics"))
    }

    fn holds(&self, words: &str) -> bool {
        self.0.lock().expect("nobody panics").iter().any(|told| told == words)
    }
}

fn words(event: &Event<'_>) -> String {
    match *event {
        Event::ScopeOpened { origin: Origin::Request(head), .. } => {
            format!("opened {} {}", head.method(), head.path())
        }
        Event::ScopeOpened { origin, .. } => format!("opened {origin:?}"),
        Event::HeadProduced { status, .. } => format!("head {status}"),
        Event::ScopeFinished { outcome, .. } => format!("finished {:?}", outcome.end()),
        Event::TaskScheduled { name, kind, parent, .. } => {
            let nested = if parent.is_some() { " nested" } else { "" };
            format!("scheduled {name} {}{nested}", kind.map_or("-", Kind::as_str))
        }
        Event::TaskStarted { deadline, .. } => {
            format!("started{}", if deadline.is_some() { " with a deadline" } else { "" })
        }
        Event::TaskEnded { report, .. } => format!("ended {} {:?}", report.name(), report.end()),
        Event::TaskRefused { name, error, .. } => {
            format!("refused {name} {}", error.is_overloaded())
        }
        Event::Revalidated { pages, .. } => format!("revalidated {pages}"),
        Event::DrainBegan => "drain".to_owned(),
        Event::DrainEnded { completed, failed, abandoned, .. } => {
            format!("drained {completed} {failed} {abandoned}")
        }
        _ => unreachable!("all are known"),
    }
}

#[with_after(route, max_duration = "1h")]
async fn order() -> &'static str {
    task("receipt").schedule(async {
        task("audit").schedule(|| ());
    });
    task("alert").run_on(RunOn::Failure).schedule(|| ());
    "ordered"
}

#[tokio::test]
async fn each_event_is_told_once_and_in_its_order() {
    let told = Told::default();
    let app = Router::new().route("/orders", get(order)).layer(AfterLayer::new());
    let (listener, address) = listen().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = with_after::serve(listener, app)
        .observe(told.observer())
        .shutdown_on(async { drop(stopped.await) });
    let served = tokio::spawn(serving.into_future());
    assert_eq!(fetch(address, "/orders?secret=1").await.body, "ordered");
    within(async {
        while !told.holds("ended audit Completed") {
            tokio::task::yield_now().await;
        }
    })
    .await;
    stop.send(()).expect("the server runs");
    let report = within(served).await.expect("it does not panic").expect("it serves");
    assert!(report.is_complete());

    assert_eq!(
        told.take(),
        [
            "opened GET /orders",
            "scheduled receipt route",
            "scheduled alert route",
            "head 200 OK",
            "finished Completed",
            "started with a deadline",
            "scheduled audit route nested",
            "ended receipt Completed",
            "started with a deadline",
            "ended alert Skipped",
            "started with a deadline",
            "ended audit Completed",
            "drain",
            "drained 0 0 0",
        ]
    );
}

#[tokio::test]
async fn a_request_without_tasks_is_told_to_its_end() {
    let told = Told::default();
    let (server, address) =
        Running::start(AfterLayer::with_platform(told.platform()).layer(Router::new())).await;
    assert_eq!(fetch(address, "/nothing").await.status, 404);
    server.end().await;
    assert_eq!(told.take(), ["opened GET /nothing", "head 404 Not Found", "finished Completed"]);
}

#[tokio::test]
async fn an_observer_that_panics_costs_nobody_anything() {
    let told = Told::default();
    let platform = InProcess::new();
    platform.observe(|_: &Event<'_>| fail());
    platform.observe(told.observer());
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        after(|| ());
        ready(())
    })
    .await;
    let report = within(platform.drain(Duration::from_secs(5))).await;
    assert_eq!((report.completed(), report.is_complete()), (1, true));
    assert_eq!(told.take().len(), 8);
}

#[tokio::test]
async fn what_an_observer_schedules_does_not_go_round() {
    let told = Told::default();
    let platform = told.platform();
    platform.observe(|event: &Event<'_>| {
        if let Event::TaskScheduled { .. } = event {
            after(|| ());
        }
    });
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        after(|| ());
        ready(())
    })
    .await;
    let report = within(platform.drain(Duration::from_secs(5))).await;
    assert_eq!(report.completed(), 2);
}

#[tokio::test]
async fn an_observer_that_schedules_twice_does_not_go_round_either() {
    let told = Told::default();
    let platform = told.platform();
    platform.observe(|event: &Event<'_>| {
        if let Event::TaskScheduled { .. } = event {
            after(|| ());
            after(|| ());
        }
    });
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        after(|| ());
        ready(())
    })
    .await;
    let report = within(platform.drain(Duration::from_secs(5))).await;
    assert_eq!(report.completed(), 3);
}

#[tokio::test]
async fn a_refusal_an_abandonment_and_a_cancelled_handler_are_told() {
    let told = Told::default();
    let platform = InProcess::builder().max_tasks_per_request(1).build();
    platform.observe(told.observer());
    let layer = AfterLayer::with_platform(platform.clone());
    finish(layer.clone(), |_| {
        task("first").schedule(pending::<()>());
        task("second").schedule(|| ());
        ready(())
    })
    .await;
    let report = within(platform.drain(Duration::ZERO)).await;
    assert_eq!(report.abandoned().len(), 1);
    let lines = told.take();
    assert!(lines.contains(&"refused second true".to_owned()), "{lines:?}");
    assert!(lines.contains(&"ended first Failed(Abandoned)".to_owned()), "{lines:?}");
    assert!(lines.contains(&"drained 0 0 1".to_owned()), "{lines:?}");

    drop(call(layer, |_| ready("never read")).await);
    let lines = told.take();
    assert_eq!(lines.last().map(String::as_str), Some("finished Aborted"), "{lines:?}");
}

#[tokio::test]
async fn an_observer_that_comes_late_hears_of_later_requests_alone() {
    let told = Told::default();
    let platform = InProcess::new();
    let layer = AfterLayer::with_platform(platform.clone());
    let response = call(layer.clone(), |_| {
        after(|| ());
        ready(())
    })
    .await;
    platform.observe(told.observer());
    drop(response);
    assert!(within(platform.drain(Duration::from_secs(5))).await.is_complete());
    assert_eq!(told.take(), ["drain", "drained 1 0 0"]);
}

#[tokio::test]
async fn renders_and_revalidations_of_a_site_are_told() {
    let told = Told::default();
    let page = || async {
        after(|| ());
        "text"
    };
    let site = Site::builder().observe(told.observer()).page("/observed", page);
    let site = site.build().await.expect("it builds");
    let lines = told.take();
    assert_eq!(lines.first().map(String::as_str), Some("opened Render(\"/observed\")"));
    assert_eq!(lines.last().map(String::as_str), Some("ended page Completed"), "{lines:?}");

    Revalidation::path("/observed").apply().expect("it is there");
    assert_eq!(told.take(), ["revalidated path /observed"]);
    drop(site);
}
