//! Models of the queue and of the work, checked by loom.
//!
//! A thread that is told [`Handover::New`] polls the new work at once, as a platform would. Work
//! that then waits is polled again when all threads have ended, if its waker was called: a lost
//! wake-up leaves its task behind. The waker's own cell is not one of loom's, and passes for one
//! step.

use std::{
    borrow::Cow,
    future::pending,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Wake, Waker},
    time::Duration,
};

use loom::{
    model,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tokio::time::Instant;

use super::{
    Budget, Ended, Fate, Handover, IntoTask as _, Lineage, NewTask, Options, Owner, Queue,
    Rejected, Seed, Task, TaskInfo, TaskSeed, Work, abandon, begin, skip,
    waiting::{TaskWaker, Woken},
};
use crate::{
    place::Place,
    sync::{Mutex, lock},
};

#[test]
fn a_task_pushed_while_the_response_finishes_runs_once() {
    model(|| {
        let host = Host::new();
        let pushing = host.spawn(|host| host.push(1));
        let finishing = host.spawn(Host::finish);
        host.push(2);
        pushing.join().expect("the thread ends");
        finishing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_completed(&[1, 2]);
    });
}

#[test]
fn a_task_pushed_while_the_work_goes_idle_runs_once() {
    model(|| {
        let host = Host::new();
        host.finish();
        let others = host.spawn(|host| host.push(1));
        host.push(2);
        others.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_completed(&[1, 2]);
    });
}

#[test]
fn a_task_pushed_while_others_run_wakes_the_work() {
    model(|| {
        let host = Host::new();
        host.finish();
        // Never ends, so that its work never does.
        host.give(task(1, || pending::<()>()));
        let pushing = host.spawn(|host| host.push(2));
        host.continue_work();
        pushing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_completed(&[2]);
    });
}

#[test]
fn the_start_is_called_once() {
    model(|| {
        let host = Host::new();
        host.give(task(1, || async {}));
        let finishing = host.spawn(Host::finish);
        let starting = Arc::clone(&host);
        lock(&host.handed_over).pop().expect("there is work").when_finished(move |work| {
            starting.started.fetch_add(1, Ordering::Relaxed);
            starting.poll(work);
        });
        finishing.join().expect("the thread ends");
        assert_eq!(host.started.load(Ordering::Relaxed), 1);
        host.assert_all_completed(&[1]);
    });
}

#[test]
fn a_closed_queue_keeps_no_task_and_each_is_reported_once() {
    model(|| {
        let host = Host::new();
        host.give(task(1, || async {}));
        let working = host.spawn(|host| {
            host.finish();
            host.poll_handed_over();
        });
        let closing = host.spawn(|host| drop(abandon(&host.owner())));
        host.push(2);
        working.join().expect("the thread ends");
        closing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_ended(&[1, 2]);
    });
}

#[test]
fn a_task_that_two_drains_abandon_is_reported_once() {
    model(|| {
        let host = Host::new();
        host.finish();
        host.give(task(1, || pending::<()>()));
        host.continue_work();
        let other = host.spawn(|host| drop(abandon(&host.owner())));
        let abandoned = abandon(&host.owner());
        other.join().expect("the thread ends");
        assert!(abandoned.len() <= 1);
        host.continue_work();
        host.assert_all_ended(&[1]);
    });
}

#[test]
fn a_cancelled_task_runs_or_is_skipped() {
    model(|| {
        let host = Host::new();
        host.give(task(1, || async {}));
        host.give(task(2, || async {}));
        let working = host.spawn(|host| {
            host.finish();
            host.poll_handed_over();
        });
        for task in host.queue.remove(|info| info.is_named("1")) {
            skip(&*host, task);
        }
        working.join().expect("the thread ends");
        host.assert_all_ended(&[1, 2]);
    });
}

#[test]
fn a_task_woken_while_it_is_polled_is_listed_again() {
    model(|| {
        let list = Arc::<Woken>::default();
        let waker = TaskWaker::new(1, Arc::clone(&list));
        waker.wake_by_ref();
        let changes = Arc::new(AtomicUsize::new(0));
        let other = {
            let (waker, changes) = (Arc::clone(&waker), Arc::clone(&changes));
            thread::spawn(move || {
                changes.store(1, Ordering::Relaxed);
                waker.wake_by_ref();
            })
        };
        // As the work polls it.
        let mut seen = 0;
        if list.pop().is_some() {
            waker.rearm();
            seen = changes.load(Ordering::Relaxed);
        }
        other.join().expect("the thread ends");
        assert!(seen == 1 || list.pop() == Some(1), "the wake-up is lost");
    });
}

/// The task of this number.
fn task<F: Future<Output = ()> + Send + 'static>(
    number: u32,
    code: impl FnOnce() -> F + Send + 'static,
) -> Task {
    let options = Options {
        name: Some(Cow::<'static, str>::from(number.to_string()).into()),
        ..Options::default()
    };
    let place = Place::UNANNOTATED;
    let info = TaskInfo::new(&options, place, std::panic::Location::caller());
    let budget = Budget::new(place, None, None, None);
    let seed =
        Seed { info, budget, run_on: options.run_on, elsewhere: None, lineage: Lineage::Follows };
    let NewTask(task) = code.into_task(TaskSeed(seed));
    task
}

/// A scope and its platform, which keep book of what becomes of each task.
struct Host {
    queue: Queue,
    wakes: Arc<Wakes>,
    started: AtomicUsize,
    /// What nobody has polled yet.
    handed_over: Mutex<Vec<Work>>,
    /// What waits.
    sleeping: Mutex<Vec<Work>>,
    completed: Mutex<Vec<u32>>,
    /// Failed or skipped.
    others: Mutex<Vec<u32>>,
}

#[derive(Debug)]
struct Wakes {
    count: AtomicUsize,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Owner for Host {
    fn queue(&self) -> &Queue {
        &self.queue
    }

    fn within(self: Arc<Self>, code: &mut dyn FnMut()) {
        code();
    }

    fn started(&self, _: &Task, _: Duration) {}

    fn report(&self, ended: Ended<'_>, fate: Fate) {
        let number = ended.info.name().parse().expect("its name is a number");
        let list = match fate {
            Fate::Completed => &self.completed,
            Fate::Failed(_) | Fate::Skipped => &self.others,
        };
        lock(list).push(number);
    }

    fn close(self: Arc<Self>) {}
}

impl Host {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: Queue::new(),
            wakes: Arc::new(Wakes { count: AtomicUsize::new(0) }),
            started: AtomicUsize::new(0),
            handed_over: Mutex::new(Vec::new()),
            sleeping: Mutex::new(Vec::new()),
            completed: Mutex::new(Vec::new()),
            others: Mutex::new(Vec::new()),
        })
    }

    fn owner(self: &Arc<Self>) -> Arc<dyn Owner> {
        Arc::clone(self) as Arc<dyn Owner>
    }

    fn spawn(self: &Arc<Self>, run: impl FnOnce(&Arc<Self>) + 'static) -> thread::JoinHandle<()> {
        let host = Arc::clone(self);
        thread::spawn(move || run(&host))
    }

    /// Adds a task, and leaves new work to be polled.
    fn give(self: &Arc<Self>, task: Task) {
        match self.queue.push(task, usize::MAX) {
            Ok(Handover::New) => lock(&self.handed_over).push(Work::new(self.owner())),
            Ok(Handover::Existing) => (),
            Err(Rejected { task, .. }) => skip(&**self, task),
        }
    }

    /// Adds the task of this number, and polls new work.
    fn push(self: &Arc<Self>, number: u32) {
        self.give(task(number, || async {}));
        self.poll_handed_over();
    }

    fn finish(self: &Arc<Self>) {
        if let Some(start) = self.queue.finish(Instant::now(), None) {
            begin(Work::new(self.owner()), start);
        }
    }

    fn poll_handed_over(&self) {
        let works = mem::take(&mut *lock(&self.handed_over));
        works.into_iter().for_each(|work| self.poll(work));
    }

    fn poll(&self, mut work: Work) {
        let waker = Waker::from(Arc::clone(&self.wakes));
        if Pin::new(&mut work).poll(&mut Context::from_waker(&waker)).is_pending() {
            lock(&self.sleeping).push(work);
        }
    }

    /// Polls the work that sleeps, if it was woken.
    fn continue_work(&self) {
        self.poll_handed_over();
        let mut polled = 0;
        loop {
            let wakes = self.wakes.count.load(Ordering::Relaxed);
            if wakes == polled {
                return;
            }
            polled = wakes;
            let works = mem::take(&mut *lock(&self.sleeping));
            works.into_iter().for_each(|work| self.poll(work));
        }
    }

    #[track_caller]
    fn assert_all_completed(&self, tasks: &[u32]) {
        assert_same("completed", tasks, &[&lock(&self.completed)]);
    }

    #[track_caller]
    fn assert_all_ended(&self, tasks: &[u32]) {
        assert_same("reported", tasks, &[&lock(&self.completed), &lock(&self.others)]);
    }
}

#[track_caller]
fn assert_same(what: &str, expected: &[u32], found: &[&[u32]]) {
    let mut found = found.concat();
    found.sort_unstable();
    assert_eq!(found, expected, "{what}");
}
