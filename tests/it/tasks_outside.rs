//! `after` where no task can be scheduled.

use std::future::ready;

use http::StatusCode;
use with_after::{
    AfterLayer, after,
    platform::{Overload, Platform, TaskReport, Work},
    task, try_after,
};

use crate::support::{
    client::get,
    log::{Log, OnDrop},
    panics::panic_of,
    platform::finish,
    server::{Host, Version, start},
};

#[test]
fn after_outside_of_a_scope_panics_at_its_caller() {
    let line = line!() + 1;
    let (place, message) = panic_of(|| after(|| ()));

    assert_eq!(place, format!("tests/it/tasks_outside.rs:{line}"));
    assert!(message.contains("outside a request"), "{message}");
    assert!(message.contains(&place), "{message}");
    assert!(message.contains("AfterLayer"), "{message}");
}

#[test]
fn the_builder_outside_of_a_scope_panics_at_its_caller() {
    let line = line!() + 1;
    let (place, message) = panic_of(|| task("it").schedule(|| ()));

    assert_eq!(place, format!("tests/it/tasks_outside.rs:{line}"));
    assert!(message.contains(&place), "{message}");
}

#[test]
fn try_after_outside_of_a_scope_returns_the_error_and_drops_the_task() {
    let log = Log::default();
    let dropped = OnDrop(log.clone(), "dropped");
    let line = line!() + 1;
    let error = try_after(move || drop(dropped)).expect_err("there is no scope");

    assert!(error.is_outside_scope() && !error.is_refused() && !error.is_overloaded());
    let place = format!("tests/it/tasks_outside.rs:{line}:");
    assert!(error.to_string().contains(&place), "{error}");
    assert_eq!(log.entries(), ["dropped"]);
    assert!(task("it").try_schedule(|| ()).expect_err("the same").is_outside_scope());
}

#[tokio::test]
async fn a_platform_that_refuses_fails_each_call_with_its_reason() {
    finish(AfterLayer::with_platform(Refusing), |_| {
        let line = line!() + 1;
        let (place, message) = panic_of(|| after(|| ()));
        assert_eq!(place, format!("tests/it/tasks_outside.rs:{line}"));
        assert!(message.contains("static files run nothing"), "{message}");

        let error = try_after(|| ()).expect_err("it refuses");
        assert!(error.is_refused() && !error.is_outside_scope() && !error.is_overloaded());
        assert!(error.to_string().contains("static files run nothing"), "{error}");
        ready(())
    })
    .await;
}

#[tokio::test]
async fn a_refused_task_is_an_error_that_a_handler_can_answer() {
    let layer = AfterLayer::with_platform(Refusing);
    let address = start((Host::Axum, Version::Http1), layer, |_| async {
        try_after(|| ()).map_err(|error| (StatusCode::NOT_IMPLEMENTED, error.to_string()))
    })
    .await;
    let received = get(address, "/").await;

    assert_eq!(received.status, 501);
    let body = String::from_utf8_lossy(&received.body);
    assert!(body.contains("static files run nothing"), "{body}");
}

#[tokio::test]
async fn a_platform_that_is_full_is_reported_and_nothing_panics() {
    let (log, dropped) = (Log::default(), Log::default());
    finish(AfterLayer::with_platform(Full(log.clone())), |_| {
        let on_drop = OnDrop(dropped.clone(), "dropped");
        after(move || drop(on_drop));
        let error = try_after(|| ()).expect_err("it is full");
        assert!(error.is_overloaded() && !error.is_refused());
        assert!(error.to_string().contains("come back tomorrow"), "{error}");
        ready(())
    })
    .await;

    assert_eq!(dropped.entries(), ["dropped"]);
    assert_eq!(log.entries(), [""; 0], "no work is handed over for a task that was not taken");
}

struct Refusing;

impl Platform for Refusing {
    fn wait_until(&self, _: Work) {
        unreachable!("it has refused");
    }

    fn refusal(&self) -> Option<&str> {
        Some("static files run nothing")
    }
}

struct Full(Log);

impl Platform for Full {
    fn wait_until(&self, _: Work) {
        self.0.add("work");
    }

    fn admit(&self) -> Result<(), Overload> {
        Err(Overload::new("come back tomorrow"))
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.0.add(report.name());
    }
}
