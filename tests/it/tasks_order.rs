//! When tasks start.

use std::{future::ready, sync::Arc};

use axum::body::Body;
use http_body_util::BodyExt as _;
use tokio::sync::{Notify, Semaphore};
use with_after::after;

use crate::support::{
    bodies,
    client::{Client, request},
    log::Log,
    platform::{Recording, call, finish},
    server::{EVERYWHERE, start},
    within,
};

/// More than the work starts in one go.
const MANY: usize = 300;

#[tokio::test]
async fn tasks_start_in_the_order_in_which_they_were_scheduled() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        for number in 0..MANY {
            let log = log.clone();
            if number % 2 == 0 {
                after(move || log.add(number.to_string()));
            } else {
                after(async move {
                    log.add(number.to_string());
                    tokio::task::yield_now().await;
                });
            }
        }
        ready(())
    })
    .await;

    platform.drain().await;
    let expected: Vec<_> = (0..MANY).map(|number| number.to_string()).collect();
    assert_eq!(log.entries(), expected);
}

#[tokio::test]
async fn a_slow_task_delays_no_other() {
    let (platform, log) = (Recording::default(), Log::default());
    let gate = Arc::new(Semaphore::new(0));
    finish(platform.layer(), |_| {
        for number in 0..MANY {
            let (log, gate) = (log.clone(), Arc::clone(&gate));
            after(async move {
                // All but the last wait for the last.
                if number == MANY - 1 {
                    log.add("last");
                    gate.add_permits(MANY);
                } else {
                    drop(gate.acquire().await);
                    log.add("slow");
                }
            });
        }
        ready(())
    })
    .await;

    platform.drain().await;
    let entries = log.entries();
    assert_eq!(entries.len(), MANY);
    assert_eq!(entries[0], "last");
}

#[tokio::test]
async fn no_task_starts_before_the_response_is_finished() {
    let (platform, log) = (Recording::default(), Log::default());
    let body = call(platform.layer(), |_| {
        let log = log.clone();
        after(move || log.add("task"));
        ready(Body::from("hello"))
    })
    .await
    .into_body();
    // The work has every chance to run too early.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    log.add("end of the body");
    body.collect().await.expect("it does not fail");

    platform.drain().await;
    assert_eq!(log.entries(), ["end of the body", "task"]);
}

#[tokio::test]
async fn no_task_starts_while_its_body_streams() {
    for at in EVERYWHERE {
        let (platform, log) = (Recording::default(), Log::default());
        let (gate, tasks_log) = (Arc::new(Notify::new()), log.clone());
        let handlers_gate = Arc::clone(&gate);
        let address = start(at, platform.layer(), move |_| {
            let log = tasks_log.clone();
            after(move || log.add("task"));
            let gate = Arc::clone(&handlers_gate);
            ready(bodies::stalled("half", async move { gate.notified().await }))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let response = client.send(request(http::Method::GET, "/")).await.expect("the head comes");
        let mut body = response.into_body();
        within(body.frame()).await.expect("it comes").expect("whole");
        log.add("first frame");
        gate.notify_one();
        within(body.collect()).await.expect("it ends");

        platform.drain().await;
        assert_eq!(log.entries(), ["first frame", "task"], "{at:?}");
    }
}

#[tokio::test]
async fn a_task_that_hangs_delays_neither_its_response_nor_the_next_on_its_connection() {
    for at in EVERYWHERE {
        let platform = Recording::default();
        let gate = Arc::new(Semaphore::new(0));
        let handlers_gate = Arc::clone(&gate);
        let address = start(at, platform.layer(), move |_| {
            let gate = Arc::clone(&handlers_gate);
            after(async move { drop(gate.acquire().await) });
            ready("hello")
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        for _ in 0..3 {
            let received = client.fetch(request(http::Method::GET, "/")).await;
            assert_eq!(received.expect("a whole response comes").body, "hello");
        }
        assert_eq!(platform.in_process.pending(), 3, "{at:?}");
        gate.add_permits(3);

        platform.drain().await;
        assert_eq!(platform.ended.entries(), ["after completed"; 3], "{at:?}");
    }
}
