//! Values and keys of `#[cache]` that misbehave when they are dropped or compared.

use std::{
    future::ready,
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::{Router, routing::get};
use http::Method;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use with_after::{AfterLayer, after, cache, run, task};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, request},
        fail,
        platform::{Recording, finish},
        server::Version,
        within,
    },
};

/// What is cached, and what its drop does.
#[derive(Clone, Debug)]
enum Cached {
    Bomb,
    Scheduling(UnboundedSender<&'static str>),
}

impl Drop for Cached {
    fn drop(&mut self) {
        match self {
            Self::Bomb => fail(),
            Self::Scheduling(sender) => {
                let sender = sender.clone();
                task("late").schedule(move || sender.send("late"));
            }
        }
    }
}

impl PartialEq for Cached {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Cached {}

impl Hash for Cached {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u8(0);
    }
}

#[cache(skip(cached))]
fn as_value(cached: Arc<Cached>) -> Arc<Cached> {
    cached
}

#[cache]
fn as_key(cached: Arc<Cached>) {
    drop(cached);
}

#[tokio::test]
async fn a_cached_value_or_key_that_panics_in_its_drop_leaves_its_connection_alone() {
    each(|_| Cached::Bomb, &[]).await;
}

#[tokio::test]
async fn a_cached_value_or_key_whose_drop_calls_after_schedules_a_late_task() {
    each(Cached::Scheduling, &["late"]).await;
}

/// Caches on a connection of which later requests have tasks, or have none.
async fn each(make: fn(UnboundedSender<&'static str>) -> Cached, late: &'static [&'static str]) {
    for version in [Version::Http1, Version::Http2] {
        let (sender, mut ran) = unbounded_channel();
        let [value, key, beside_task, plain] = [(); 4].map(|()| sender.clone());
        let app = Router::new()
            .route("/value", get(async move || drop(as_value(Arc::new(make(value))))))
            .route("/key", get(async move || as_key(Arc::new(make(key)))))
            .route(
                "/beside_task",
                get(async move || {
                    as_value(Arc::new(make(beside_task.clone())));
                    after(move || beside_task.send("task"));
                    "a body"
                }),
            )
            .route("/task", get(async move || after(move || plain.send("task"))))
            .layer(AfterLayer::new());
        let (server, address) = Running::start(app).await;
        let mut client = Client::connect(address, version).await;
        for (path, expected) in [("/value", late), ("/key", late), ("/task", &["task"])] {
            let response = client.fetch(request(Method::GET, path)).await;
            assert_eq!(response.expect("it is answered").status, 200, "{path}");
            for task in expected {
                assert_eq!(within(ran.recv()).await, Some(*task), "{path}");
            }
        }
        let response = client.fetch(request(Method::GET, "/beside_task")).await;
        assert_eq!(response.expect("the connection is kept").body, "a body");
        assert_eq!(within(ran.recv()).await, Some("task"));
        for task in late {
            assert_eq!(within(ran.recv()).await, Some(*task));
        }
        client.fetch(request(Method::GET, "/task")).await.expect("the connection is kept");
        assert_eq!(within(ran.recv()).await, Some("task"));
        server.end().await;
        assert!(ran.is_empty(), "one ran twice");
    }
}

#[tokio::test]
async fn a_drain_waits_for_what_the_drop_of_a_cached_value_schedules() {
    let platform = Recording::default();
    let (sender, mut ran) = unbounded_channel();
    finish(platform.layer(), |_| {
        as_value(Arc::new(Cached::Scheduling(sender)));
        task("first").schedule(async { tokio::task::yield_now().await });
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["first completed", "late completed"]);
    assert_eq!(ran.try_recv(), Ok("late"));
}

/// An argument whose comparison calls what it is an argument of.
#[derive(Clone, Debug)]
struct Curious {
    in_eq: bool,
}

impl PartialEq for Curious {
    fn eq(&self, _: &Self) -> bool {
        if self.in_eq {
            compared(self.clone());
        }
        true
    }
}

impl Eq for Curious {}

impl Hash for Curious {
    fn hash<H: Hasher>(&self, state: &mut H) {
        if !self.in_eq {
            compared(self.clone());
        }
        state.write_u8(1);
    }
}

#[cache]
fn compared(argument: Curious) -> bool {
    argument.in_eq
}

#[cache]
fn plain(argument: u8) -> u8 {
    argument
}

#[tokio::test]
async fn a_comparison_that_calls_a_cached_function_panics_and_says_so() {
    for in_eq in [true, false] {
        let found = run(async move {
            let call = || catch_unwind(|| compared(Curious { in_eq }));
            let messages = [call(), call()].map(|result| {
                result.map_err(|payload| {
                    *payload.downcast::<String>().expect("the message is formatted")
                })
            });
            // Nothing is left locked.
            let other = catch_unwind(AssertUnwindSafe(|| plain(3)));
            assert_eq!(other.expect("another function is called"), 3);
            messages
        });
        let [first, second] = within(found).await;
        if in_eq {
            assert_eq!(first, Ok(true), "there is nothing to compare with");
        } else {
            assert!(first.is_err());
        }
        let message = second.expect_err("it calls itself");
        assert!(message.starts_with("`compared` (tests/it/hostile_cache.rs:"), "{message}");
        assert!(message.contains("is called by the `Hash` or `Eq` of an argument"), "{message}");
        assert!(
            message.contains("compare without calling a function with `#[cache]`"),
            "{message}"
        );
    }
}
