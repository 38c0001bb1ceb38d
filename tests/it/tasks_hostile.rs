//! A task whose panic or error is itself made to panic.

use std::{error::Error, fmt, future::ready, panic::panic_any};

use with_after::task;

use crate::support::{
    Bomb, fail,
    platform::{Recording, finish},
    traces::Traces,
};

#[tokio::test]
async fn a_panic_whose_payload_panics_in_its_drop_touches_no_other_task() {
    survives(|| task("it").schedule(explode)).await;
}

#[tokio::test]
async fn an_error_that_panics_when_it_is_shown_touches_no_other_task() {
    survives(|| task("it").schedule(|| Err::<(), _>(Unspeakable))).await;
}

#[tokio::test]
async fn an_error_that_panics_in_its_drop_touches_no_other_task() {
    survives(|| task("it").schedule(|| Err::<(), _>(Fragile(Bomb)))).await;
}

fn explode() {
    panic_any(Bomb);
}

async fn survives(failing: fn()) {
    let platform = Recording::default();
    let (_traces, _guard) = Traces::collect();
    finish(platform.layer(), |_| {
        task("before").schedule(async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        });
        failing();
        task("afterwards").schedule(|| ());
        ready(())
    })
    .await;

    platform.drain().await;
    let ended = platform.ended.entries();
    assert!(ended.contains(&"before completed".to_owned()), "{ended:?}");
    assert!(ended.contains(&"afterwards completed".to_owned()), "{ended:?}");
    assert_eq!(ended.len(), 3, "{ended:?}");
}

#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        fail();
        Ok(())
    }
}

impl Error for Unspeakable {}

#[derive(Debug)]
struct Fragile(Bomb);

impl fmt::Display for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fragile")
    }
}

impl Error for Fragile {}
