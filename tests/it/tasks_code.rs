//! What `after` accepts as a task.

use std::{
    fmt,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use with_after::{after, task, try_after};

use crate::support::{
    fail,
    platform::{Recording, finish},
};

static FN_ITEMS: AtomicUsize = AtomicUsize::new(0);

#[tokio::test]
async fn every_form_of_a_task_runs_once() {
    let (platform, runs) = (Recording::default(), Arc::new(AtomicUsize::new(0)));
    let run = || {
        let runs = Arc::clone(&runs);
        move || {
            runs.fetch_add(1, Ordering::Relaxed);
        }
    };
    finish(platform.layer(), |_| {
        // Futures.
        let a = run();
        after(async move { a() });
        let a = run();
        after(async move {
            a();
            Ok::<_, fmt::Error>(7)
        });
        after(future(run()));
        // Closures.
        after(run());
        let a = run();
        after(move || {
            a();
            Ok::<_, String>("dropped")
        });
        // Closures that return futures, and async closures.
        let a = run();
        after(move || async move { a() });
        let a = run();
        after(async move || a());
        let a = run();
        after(async move || {
            a();
            Ok::<(), std::io::Error>(())
        });
        // Functions.
        after(function);
        after(async_function);
        after(function_that_returns_a_future);
        after(function_that_may_fail);
        // A task that is running already.
        let a = run();
        after(tokio::spawn(async move { a() }));
        let a = run();
        after(tokio::task::spawn_blocking(a));
        assert!(try_after(run()).is_ok());
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["after completed"; 15]);
    assert_eq!(runs.load(Ordering::Relaxed), 11);
    assert_eq!(FN_ITEMS.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn every_form_of_a_task_reports_its_error() {
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("future").schedule(async { Err::<(), _>("no") });
        task("closure").schedule(|| Err::<(), _>("no".to_owned()));
        task("async closure").schedule(async || Err::<(), _>(fmt::Error));
        task("closure of a future").schedule(|| async { Err::<u8, _>(Box::new(fmt::Error)) });
        task("boxed")
            .schedule(async { Err::<(), Box<dyn std::error::Error + Send + Sync>>("no".into()) });
        task("handle").schedule(tokio::spawn(async { fail() }));
        ready(())
    })
    .await;

    platform.drain().await;
    let mut ended = platform.ended.entries();
    ended.sort();
    let word = fmt::Error;
    assert_eq!(
        ended[..5],
        [
            format!("async closure failed: {word}"),
            "boxed failed: no".to_owned(),
            "closure failed: no".to_owned(),
            format!("closure of a future failed: {word}"),
            "future failed: no".to_owned(),
        ]
    );
    assert!(ended[5].starts_with("handle failed: task "), "{}", ended[5]);
    assert!(ended[5].contains("a failure that the test wants"), "{}", ended[5]);
}

async fn future(run: impl Fn()) {
    tokio::task::yield_now().await;
    run();
}

fn function() {
    FN_ITEMS.fetch_add(1, Ordering::Relaxed);
}

async fn async_function() {
    tokio::task::yield_now().await;
    function();
}

fn function_that_returns_a_future() -> Ready<()> {
    function();
    ready(())
}

fn function_that_may_fail() -> Result<usize, std::num::ParseIntError> {
    function();
    "7".parse()
}
