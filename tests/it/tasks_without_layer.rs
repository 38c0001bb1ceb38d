//! Annotated functions that no layer stands around.

use std::{env, future::pending, process::Command, sync::Arc};

use axum::{Router, routing::get};
use tokio::sync::{Notify, mpsc};
use tracing::Level;
use with_after::{
    Headers, RequestApiError, Scope, after, outcome, try_after, try_cookies, try_headers,
    with_after,
};

use crate::support::{client, fail, log::Log, server::axum, traces::Traces, within};

#[with_after(route)]
async fn handler(sender: mpsc::UnboundedSender<&'static str>) -> &'static str {
    let tasks = sender.clone();
    after(async move {
        tokio::task::yield_now().await;
        let _ = tasks.send("task");
        after(move || {
            let _ = tasks.send("nested");
        });
    });
    tokio::task::yield_now().await;
    let _ = sender.send("handler");
    "hello"
}

#[tokio::test]
async fn tasks_run_when_the_function_returns() {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let address = axum(Router::new().route("/", get(move || handler(sender.clone())))).await;

    for _ in 0..2 {
        assert_eq!(client::get(address, "/").await.body, "hello");
        for expected in ["handler", "task", "nested"] {
            assert_eq!(within(receiver.recv()).await, Some(expected));
        }
    }
}

#[tokio::test]
async fn tasks_run_when_the_function_is_dropped_or_panics() {
    #[with_after]
    async fn hangs(ran: Arc<Notify>) {
        after(move || ran.notify_one());
        pending::<()>().await;
    }

    #[with_after]
    async fn panics(ran: Arc<Notify>) {
        after(move || ran.notify_one());
        fail();
    }

    let ran = Arc::new(Notify::new());
    let mut half = Box::pin(hangs(Arc::clone(&ran)));
    assert!(futures_util::poll!(&mut half).is_pending());
    drop(half);
    within(ran.notified()).await;

    let panicked = tokio::spawn(panics(Arc::clone(&ran))).await;
    assert!(panicked.is_err_and(|error| error.is_panic()));
    within(ran.notified()).await;
}

#[tokio::test]
async fn a_function_that_is_dropped_is_dropped_in_its_scope() {
    struct Guard(Arc<Notify>);

    impl Drop for Guard {
        fn drop(&mut self) {
            let ran = Arc::clone(&self.0);
            // A panic would end the test without a word.
            drop(try_after(move || ran.notify_one()));
        }
    }

    #[with_after]
    async fn hangs(ran: Arc<Notify>) {
        let _guard = Guard(ran);
        pending::<()>().await;
    }

    let ran = Arc::new(Notify::new());
    let mut half = Box::pin(hangs(Arc::clone(&ran)));
    assert!(futures_util::poll!(&mut half).is_pending());
    drop(half);
    within(ran.notified()).await;
}

#[tokio::test]
async fn tasks_of_a_sync_function_run_when_it_returns() {
    #[with_after]
    fn answer(log: &Log, ran: Arc<Notify>) -> usize {
        let tasks_log = log.clone();
        after(move || {
            tasks_log.add("task");
            ran.notify_one();
        });
        log.add("function");
        log.entries().len()
    }

    let (log, ran) = (Log::default(), Arc::new(Notify::new()));
    assert_eq!(answer(&log, Arc::clone(&ran)), 1);
    within(ran.notified()).await;
    assert_eq!(log.entries(), ["function", "task"]);
    assert!(Scope::current().is_none(), "the function has left its scope");
    assert!(try_after(|| ()).is_err_and(|error| error.is_outside_scope()));
}

#[tokio::test]
async fn an_annotated_function_called_by_another_shares_its_scope() {
    #[with_after]
    async fn inner(log: Log) {
        let tasks_log = log.clone();
        after(move || tasks_log.add("inner's task"));
    }

    #[with_after]
    async fn outer(log: Log, ran: Arc<Notify>) {
        inner(log.clone()).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        log.add("outer returns");
        after(move || ran.notify_one());
    }

    let (log, ran) = (Log::default(), Arc::new(Notify::new()));
    outer(log.clone(), Arc::clone(&ran)).await;
    within(ran.notified()).await;
    assert_eq!(log.entries(), ["outer returns", "inner's task"]);
}

#[tokio::test]
async fn the_request_apis_name_the_layer() {
    #[with_after(route)]
    async fn route(sender: mpsc::UnboundedSender<Result<Headers, RequestApiError>>) {
        drop(sender.send(try_headers()));
        assert!(try_cookies().is_err_and(|error| error.is_no_request()));
        after(move || {
            assert_eq!(outcome(), None);
            drop(sender.send(try_headers()));
        });
    }

    let (sender, mut receiver) = mpsc::unbounded_channel();
    route(sender).await;
    for _ in ["handler", "task"] {
        let error = within(receiver.recv()).await.expect("it is sent").expect_err("no request");
        assert!(error.is_no_request() && !error.is_outside_scope());
        assert!(error.to_string().contains("add `AfterLayer` as the outermost layer"), "{error}");
        assert!(error.to_string().contains("tests/it/tasks_without_layer.rs:"), "{error}");
    }
}

#[test]
fn the_missing_layer_is_said_once_a_process() {
    let name = "tasks_without_layer::in_a_process_of_its_own";
    let child = Command::new(env::current_exe().expect("tests are a program"))
        .args([name, "--exact", "--ignored"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&child.stdout);

    assert!(child.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn in_a_process_of_its_own() {
    #[with_after]
    fn sync_handler() {
        after(|| ());
    }

    let (traces, _guard) = Traces::collect();
    for _ in 0..3 {
        let (sender, _receiver) = mpsc::unbounded_channel();
        handler(sender).await;
        sync_handler();
    }

    let [warning] = &traces.events(Level::WARN)[..] else { panic!("{traces:?}") };
    assert!(warning.text.contains("AfterLayer"), "{}", warning.text);
    assert!(warning.text.contains("handler=\"handler\""), "{}", warning.text);
}
