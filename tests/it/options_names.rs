//! What a task's name is good for: `unique` and `Scope::cancel`.

use std::future::{pending, ready};

use tokio::sync::oneshot;
use with_after::{Scope, after, task, with_after};

use crate::support::{
    log::{Log, OnDrop},
    platform::{Recording, call, finish},
};

/// A task that writes down that it ran.
fn say(log: &Log, word: &'static str) -> impl FnOnce() + Send + use<> {
    let log = log.clone();
    move || log.add(word)
}

fn cancel(name: &str) -> bool {
    Scope::current().expect("it is called in a scope").cancel(name)
}

#[tokio::test]
async fn of_unique_tasks_the_last_one_scheduled_runs_in_its_own_place() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        task("mail").unique().schedule(say(&log, "first mail"));
        after(say(&log, "other"));
        task("mail").unique().schedule(say(&log, "second mail"));
        task("mail").unique().schedule(say(&log, "last mail"));
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["other", "last mail"]);
    assert_eq!(
        platform.ended.entries(),
        ["mail Skipped", "mail Skipped", "after completed", "mail completed"]
    );
}

#[tokio::test]
async fn a_unique_task_replaces_others_of_its_name_and_not_the_reverse() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        task("mail").schedule(say(&log, "replaced"));
        task("mail").unique().schedule(say(&log, "unique"));
        task("mail").schedule(say(&log, "one more"));
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["unique", "one more"]);
}

#[tokio::test]
async fn what_is_replaced_is_dropped_at_once_in_its_scope() {
    struct Looks(Log);

    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.add(format!("dropped in a scope: {}", Scope::current().is_some()));
        }
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        let looks = Looks(log.clone());
        task("mail").schedule(move || drop(looks));
        task("mail").unique().schedule(say(&log, "ran"));
        log.add("scheduled");
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["dropped in a scope: true", "scheduled", "ran"]);
}

#[tokio::test]
async fn a_unique_task_leaves_one_alone_that_has_started() {
    let (platform, log) = (Recording::default(), Log::default());
    let (go_on, wait) = oneshot::channel::<()>();
    finish(platform.layer(), |_| {
        let (first, second, third) =
            (say(&log, "first ended"), say(&log, "replaced"), say(&log, "last ended"));
        task("mail").unique().schedule(async move {
            wait.await.expect("the third lets it");
            first();
        });
        after(move || {
            task("mail").unique().schedule(second);
            task("mail").unique().schedule(move || {
                third();
                go_on.send(()).expect("the first waits");
            });
        });
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["last ended", "first ended"]);
}

#[tokio::test]
async fn names_are_those_of_one_request() {
    let (platform, log) = (Recording::default(), Log::default());
    let first = call(platform.layer(), |_| {
        task("mail").unique().schedule(say(&log, "first"));
        ready(())
    })
    .await;
    let second = call(platform.layer(), |_| {
        task("mail").unique().schedule(say(&log, "second"));
        ready(cancel("other").to_string())
    })
    .await;
    drop((first, second));
    platform.drain().await;
    assert_eq!(log.entries(), ["first", "second"]);
}

#[tokio::test]
async fn cancel_drops_all_tasks_of_the_name_that_wait_and_says_whether_there_were_any() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        for _ in 0..2 {
            let dropped = OnDrop(log.clone(), "dropped");
            task("mail").schedule(move || drop(dropped));
        }
        task("other").schedule(say(&log, "other ran"));
        assert!(cancel("mail"));
        assert_eq!(log.entries(), ["dropped"; 2], "at once");
        assert!(!cancel("mail"));
        assert!(!cancel("nobody"));
        task("mail").schedule(say(&log, "later ran"));
        ready(())
    })
    .await;
    platform.drain().await;
    assert_eq!(log.entries(), ["dropped", "dropped", "other ran", "later ran"]);
    assert_eq!(
        platform.ended.entries(),
        ["mail Skipped", "mail Skipped", "other completed", "mail completed"]
    );
}

#[tokio::test]
async fn a_task_cancels_those_that_have_not_started_and_no_other() {
    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| {
        let running = OnDrop(log.clone(), "running dropped");
        task("running").max_duration(std::time::Duration::ZERO).schedule(async move {
            let _running = running;
            pending::<()>().await;
        });
        let cancelled = log.clone();
        after(move || {
            cancelled.add(format!("running: {}", cancel("running")));
            cancelled.add(format!("waiting: {}", cancel("waiting")));
        });
        task("waiting").schedule(say(&log, "waiting ran"));
        ready(())
    })
    .await;
    platform.drain().await;
    let entries = log.entries();
    assert!(entries.contains(&"running: false".to_owned()), "{entries:?}");
    assert!(entries.contains(&"waiting: true".to_owned()), "{entries:?}");
    assert!(!entries.contains(&"waiting ran".to_owned()), "{entries:?}");
}

#[tokio::test]
async fn an_unnamed_task_is_not_called_by_the_name_of_its_handler() {
    #[with_after(route)]
    async fn order(log: Log) {
        after(say(&log, "unnamed"));
        assert!(!cancel("order"));
        task("order").unique().schedule(say(&log, "named"));
    }

    let (platform, log) = (Recording::default(), Log::default());
    finish(platform.layer(), |_| order(log.clone())).await;
    platform.drain().await;
    assert_eq!(log.entries(), ["unnamed", "named"]);
}
