//! Wakers made of the user's code, which calls back or panics.

use std::{
    future::{pending, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
};

use tokio::sync::Notify;
use with_after::{AfterLayer, Scope, after, platform::Work, task};

use crate::support::{
    fail, in_a_thread,
    log::Log,
    platform::{Keeping, finish},
};

type Act = Arc<dyn Fn() + Send + Sync>;

/// Does something when it is woken, or when it is dropped.
struct Acting {
    on_wake: Act,
    on_drop: Act,
}

impl Wake for Acting {
    fn wake(self: Arc<Self>) {
        (self.on_wake)();
    }
}

impl Drop for Acting {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

fn acting(on_wake: &Act, on_drop: &Act) -> Waker {
    Waker::from(Arc::new(Acting { on_wake: Arc::clone(on_wake), on_drop: Arc::clone(on_drop) }))
}

/// A request whose work is driven by hand: one task waits, and each more is scheduled through the
/// scope.
struct Driven {
    host: Keeping,
    scope: Scope,
    work: Work,
    go_on: Arc<Notify>,
    log: Log,
}

impl Driven {
    async fn new() -> Self {
        let (host, log) = (Keeping::default(), Log::default());
        let go_on = Arc::new(Notify::new());
        let mut carried = None;
        finish(AfterLayer::with_platform(host.clone()), |_| {
            carried = Scope::current();
            let (wait, log) = (Arc::clone(&go_on), log.clone());
            task("waits").schedule(async move {
                wait.notified().await;
                log.add("waits");
            });
            // Beside another one a task has a waker of its own.
            let wait = Arc::clone(&go_on);
            task("beside").schedule(async move { wait.notified().await });
            ready(())
        })
        .await;
        let work = host.take().remove(0);
        let scope = carried.expect("the layer opened it");
        Self { host, scope, work, go_on, log }
    }

    fn poll(&mut self, waker: &Waker) -> Poll<()> {
        Pin::new(&mut self.work).poll(&mut Context::from_waker(waker))
    }

    /// Polls with a waker that does nothing, until there is nothing left to do.
    fn finish(&mut self) {
        while self.poll(Waker::noop()).is_pending() {}
    }
}

/// What a waker does that calls back.
fn calls_back(scope: &Scope, log: &Log) -> Act {
    let (scope, log) = (scope.clone(), log.clone());
    Arc::new(move || {
        scope.cancel("cancelled");
        let log = log.clone();
        scope.enter(|| after(move || log.add("scheduled by a waker")));
    })
}

fn nothing() -> Act {
    Arc::new(|| ())
}

#[tokio::test]
async fn a_waker_that_calls_back_when_it_is_dropped_or_woken_locks_nothing() {
    in_a_thread(async || {
        let mut driven = Driven::new().await;
        let act = calls_back(&driven.scope, &driven.log);
        for _ in 0..4 {
            // Each takes the place of the one before, which is dropped.
            let waker = acting(&act, &act);
            assert!(driven.poll(&waker).is_pending());
            drop(waker);
            driven.scope.enter(|| task("cancelled").schedule(pending::<()>()));
        }
        assert!(driven.log.entries().contains(&"scheduled by a waker".to_owned()));
        driven.go_on.notify_waiters();
        // Not acting: what is dropped last would schedule once more.
        driven.finish();
        assert!(driven.log.entries().contains(&"waits".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_waker_that_calls_back_when_another_takes_its_place_locks_nothing() {
    in_a_thread(async || {
        let mut driven = Driven::new().await;
        let act = calls_back(&driven.scope, &driven.log);
        let first = acting(&nothing(), &act);
        assert!(driven.poll(&first).is_pending());
        drop(first);
        assert_eq!(driven.log.entries(), [""; 0], "it is kept, and nobody has woken it");
        // Nothing has come meanwhile: the first one is still there, and dropped now.
        assert!(driven.poll(Waker::noop()).is_pending());
        driven.go_on.notify_waiters();
        driven.finish();
        let mut entries = driven.log.entries();
        entries.sort_unstable();
        assert_eq!(entries, ["scheduled by a waker", "waits"]);
    })
    .await;
}

#[tokio::test]
async fn a_waker_that_panics_when_it_is_woken_loses_no_task() {
    in_a_thread(async || {
        let mut driven = Driven::new().await;
        let panics: Act = Arc::new(fail);
        let waker = acting(&panics, &nothing());
        assert!(catch_unwind(AssertUnwindSafe(|| driven.poll(&waker))).is_ok());
        assert!(driven.poll(&waker).is_pending());
        // Wakes the work, within `after` and `cancel`.
        let log = driven.log.clone();
        driven.scope.enter(|| after(move || log.add("late")));
        assert!(!driven.scope.cancel("nobody"));
        driven.go_on.notify_waiters();
        driven.finish();
        let entries = driven.log.entries();
        assert!(entries.contains(&"late".to_owned()), "{entries:?}");
        assert!(entries.contains(&"waits".to_owned()), "{entries:?}");
        assert_eq!(driven.host.ended.entries().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_waker_that_panics_when_it_is_dropped_loses_no_task() {
    in_a_thread(async || {
        let mut driven = Driven::new().await;
        let panics: Act = Arc::new(fail);
        for _ in 0..3 {
            let waker = acting(&nothing(), &panics);
            assert!(driven.poll(&waker).is_pending());
            assert!(catch_unwind(AssertUnwindSafe(|| drop(waker))).is_ok(), "it is kept");
        }
        let (calls, log) = (Log::default(), driven.log.clone());
        let calls_log = calls.clone();
        let act: Act = Arc::new(move || calls_log.add("woken"));
        let waker = acting(&act, &nothing());
        assert!(driven.poll(&waker).is_pending());
        driven.scope.enter(|| after(move || log.add("late")));
        assert_eq!(calls.entries(), ["woken"], "the work is woken all the same");
        driven.go_on.notify_waiters();
        driven.finish();
        let mut entries = driven.log.entries();
        entries.sort_unstable();
        assert_eq!(entries, ["late", "waits"]);
    })
    .await;
}

#[tokio::test]
async fn work_that_is_dropped_wakes_and_drops_its_waker_in_a_net() {
    in_a_thread(async || {
        let panics: Act = Arc::new(fail);
        // Both at once would be two panics of one value, which abort any process.
        for waker in [acting(&panics, &nothing()), acting(&nothing(), &panics)] {
            let mut driven = Driven::new().await;
            assert!(driven.poll(&waker).is_pending());
            assert!(driven.poll(&waker).is_pending());
            assert!(catch_unwind(AssertUnwindSafe(|| drop(waker))).is_ok(), "it is kept");
            let Driven { work, host, scope, .. } = driven;
            drop(work);
            drop(scope);
            assert_eq!(
                host.ended.entries(),
                ["waits Failed(Abandoned)", "beside Failed(Abandoned)"]
            );
        }
    })
    .await;
}
