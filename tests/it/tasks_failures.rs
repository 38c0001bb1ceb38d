//! A task that fails touches nothing else, and is reported.

use std::{
    future::{pending, ready},
    panic::panic_any,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::Method;
use tokio::sync::Notify;
use tracing::Level;
use with_after::{Cause, Kind, after, task, with_after};

use crate::support::{
    client::{Client, request},
    fail,
    log::Log,
    platform::{Recording, finish},
    server::{EVERYWHERE, start},
    traces::Traces,
    within,
};

/// Fails in its own way, between two tasks that must not notice.
type Failing = fn();

const FAILURES: [(&str, Failing, &str); 11] = [
    ("error", || task("it").schedule(|| Err::<(), _>("no")), "failed: no"),
    ("late error", late_error, "failed: no"),
    ("panic", || task("it").schedule(fail), "panicked: a failure that the test wants"),
    ("late panic", late_panic, "panicked: a failure that the test wants"),
    ("formatted panic", || task("it").schedule(formatted), "panicked: 7"),
    ("wordless panic", || task("it").schedule(wordless), "panicked: no message"),
    ("panic in the drop of a future", panic_in_drop, "panicked: a failure that the test wants"),
    ("panic in the drop of a closure", panic_in_closure, "panicked: a failure that the test wants"),
    ("panic in the drop when done", panic_when_done, "panicked: a failure that the test wants"),
    ("timeout", timeout, "timed out after 5s"),
    ("panic in the drop at the deadline", panic_at_deadline, "timed out after 5s"),
];

#[tokio::test(start_paused = true)]
async fn a_failure_touches_no_other_task_and_is_reported_once_to_all_three() {
    for (name, failing, cause) in FAILURES {
        let (platform, hook) = (Recording::default(), Log::default());
        let (traces, _guard) = Traces::collect();
        let hooks_log = hook.clone();
        let layer = platform.layer().on_failure(move |failure| {
            hooks_log.add(failure.to_string());
            assert_eq!((failure.name(), failure.kind()), ("it", None));
            assert!(failure.location().file().ends_with("tasks_failures.rs"));
        });
        let response = finish(layer, |_| {
            task("before").schedule(async {
                tokio::task::yield_now().await;
                task("nested").schedule(|| ());
            });
            failing();
            task("afterwards").schedule(async { tokio::time::sleep(Duration::from_secs(9)).await });
            ready("hello")
        })
        .await;
        platform.drain().await;

        assert_eq!(response.body(), b"hello");
        let mut ended = platform.ended.entries();
        ended.sort();
        let expected = ["afterwards completed", "before completed", &format!("it {cause}")];
        assert_eq!(ended[..3], expected, "{name}");
        assert_eq!(ended[3..], ["nested completed"], "{name}");
        let [told] = &hook.entries()[..] else { panic!("{name}: {:?}", hook.entries()) };
        assert!(told.starts_with("task `it` (tests/it/tasks_failures.rs:"), "{name}: {told}");
        assert!(told.ends_with(&format!(") {cause}")), "{name}: {told}");
        let [event] = &traces.events(Level::ERROR)[..] else { panic!("{name}: {traces:?}") };
        assert!(event.text.contains(&format!("cause={cause} ")), "{name}: {event:?}");
        let span = event.span.as_deref().expect("it happens in the task's span");
        assert!(span.contains("task=\"it\""), "{name}: {span}");
        assert_eq!(platform.in_process.pending(), 0, "{name}");
    }
}

#[tokio::test]
async fn a_failure_touches_neither_its_response_nor_its_connection() {
    for at in EVERYWHERE {
        for (name, failing, cause) in &FAILURES[..9] {
            let platform = Recording::default();
            let failing = *failing;
            let address = start(at, platform.layer(), move |_| {
                failing();
                ready("hello")
            })
            .await;
            let mut client = Client::connect(address, at.1).await;
            for _ in 0..2 {
                let received = client.fetch(request(Method::GET, "/")).await;
                assert_eq!(received.expect("a whole response comes").body, "hello", "{name}");
                platform.drain().await;
            }
            assert_eq!(platform.ended.entries(), [format!("it {cause}"), format!("it {cause}")]);
        }
    }
}

#[tokio::test]
async fn a_failure_names_the_handler_and_its_kind_and_gives_the_error_back() {
    #[with_after(server_fn)]
    async fn order() {
        after(async { Err::<(), _>(std::io::Error::other("no paper")) });
    }

    let (platform, seen) = (Recording::default(), Arc::new(Notify::new()));
    let hooks_seen = Arc::clone(&seen);
    let layer = platform.layer().on_failure(move |failure| {
        assert_eq!((failure.name(), failure.kind()), ("order", Some(Kind::ServerFn)));
        let Cause::Error(error) = failure.cause() else { panic!("{failure:?}") };
        assert!(error.is::<std::io::Error>());
        assert_eq!(error.to_string(), "no paper");
        hooks_seen.notify_one();
    });
    finish(layer, |_| order()).await;

    platform.drain().await;
    within(seen.notified()).await;
}

#[tokio::test]
async fn a_hook_that_panics_touches_no_task_and_is_itself_reported() {
    let platform = Recording::default();
    let (traces, _guard) = Traces::collect();
    let layer = platform.layer().on_failure(|_| fail());
    finish(layer, |_| {
        task("it").schedule(|| Err::<(), _>("no"));
        task("next").schedule(|| ());
        ready(())
    })
    .await;

    platform.drain().await;
    assert_eq!(platform.ended.entries(), ["it failed: no", "next completed"]);
    let errors = traces.events(Level::ERROR);
    assert_eq!(errors.len(), 2);
    assert!(errors[0].text.contains("hook panicked"), "{:?}", errors[0]);
    let span = errors[0].span.as_deref().expect("it happens in the task's span");
    assert!(span.contains("task=\"it\""), "{span}");
}

#[tokio::test]
async fn a_hook_schedules_work_of_its_own() {
    let platform = Recording::default();
    let layer = platform.layer().on_failure(|failure| {
        let name = format!("mail about {}", failure.name());
        task(name).schedule(async { tokio::task::yield_now().await });
    });
    finish(layer, |_| {
        task("it").schedule(fail);
        ready(())
    })
    .await;

    platform.drain().await;
    let ended = platform.ended.entries();
    assert_eq!(ended[1..], ["mail about it completed"]);
}

fn formatted() {
    panic!("{}", 7);
}

fn wordless() {
    panic_any(7);
}

fn late_error() {
    task("it").schedule(async {
        tokio::task::yield_now().await;
        Err::<(), _>("no")
    });
}

fn late_panic() {
    task("it").schedule(async {
        tokio::task::yield_now().await;
        fail();
    });
}

fn panic_in_drop() {
    task("it").schedule(async {
        let _bomb = Bomb;
        tokio::task::yield_now().await;
    });
}

fn panic_in_closure() {
    let bomb = Bomb;
    task("it").schedule(move || drop(bomb));
}

fn panic_when_done() {
    struct Done(Bomb);

    impl Future for Done {
        type Output = ();

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            Poll::Ready(())
        }
    }

    // Its bomb is dropped with it, after its last poll.
    task("it").schedule(Done(Bomb));
}

fn panic_at_deadline() {
    task("it").max_duration(Duration::from_secs(5)).schedule(async {
        let _bomb = Bomb;
        pending::<()>().await;
    });
}

fn timeout() {
    task("it").max_duration(Duration::from_secs(5)).schedule(pending::<()>());
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        fail();
    }
}
