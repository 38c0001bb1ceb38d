//! Models of the queue, checked by loom.
//!
//! A thread that is told [`Handover::New`] polls the new work at once, as a platform would. Work
//! that then waits is polled again when all threads have ended, if its waker was called: a lost
//! wake-up leaves its task behind.

use std::{
    mem,
    sync::Arc,
    task::{Wake, Waker},
};

use loom::{
    model,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use tokio::time::Instant;

use super::{Handover, Queue, Rejected, Scheduled, Step, queue::Start};
use crate::sync::{Mutex, lock};

#[test]
fn a_task_pushed_while_the_response_finishes_is_taken_once() {
    model(|| {
        let host = Arc::new(Host::new());
        let pushing = host.spawn(|host| host.push(1));
        let finishing = host.spawn(Host::finish);
        host.push(2);
        pushing.join().expect("the thread ends");
        finishing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_taken(&[1, 2]);
    });
}

#[test]
fn a_task_pushed_while_the_work_goes_idle_is_taken_once() {
    model(|| {
        let host = Arc::new(Host::new());
        host.finish();
        let others = host.spawn(|host| host.push(1));
        host.push(2);
        others.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_taken(&[1, 2]);
    });
}

#[test]
fn a_task_pushed_while_others_run_wakes_the_work() {
    model(|| {
        let host = Arc::new(Host::new());
        host.queue.push(Numbered::new(1), usize::MAX).expect("the queue is open");
        host.finish();
        let working = host.spawn(|host| host.poll(true));
        let handover = host.queue.push(Numbered::new(2), usize::MAX).expect("the queue is open");
        assert_eq!(handover, Handover::Existing);
        working.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_taken(&[1, 2]);
    });
}

#[test]
fn a_launch_is_called_once() {
    model(|| {
        let host = Arc::new(Host::new());
        host.queue.push(Numbered::new(1), usize::MAX).expect("the queue is open");
        let finishing = host.spawn(Host::finish);
        if let Some(launch) = host.queue.launch_when_finished(Launch) {
            host.launch(launch);
        }
        finishing.join().expect("the thread ends");
        assert_eq!(host.launched.load(Ordering::Relaxed), 1);
        host.assert_all_taken(&[1]);
    });
}

#[test]
fn a_closed_queue_keeps_no_task() {
    model(|| {
        let host = Arc::new(Host::new());
        host.queue.push(Numbered::new(1), usize::MAX).expect("the queue is open");
        host.finish();
        let working = host.spawn(|host| host.poll(false));
        let closing = host.spawn(Host::close);
        host.push(2);
        working.join().expect("the thread ends");
        closing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_accounted_for(&[1, 2]);
    });
}

#[test]
fn a_close_wakes_the_work() {
    model(|| {
        let host = Arc::new(Host::new());
        let closing = host.spawn(Host::close);
        host.push(1);
        closing.join().expect("the thread ends");
        host.continue_work();
        host.assert_all_accounted_for(&[1]);
    });
}

#[test]
fn a_cancelled_task_is_taken_or_removed() {
    model(|| {
        let host = Arc::new(Host::new());
        host.queue.push(Numbered::new(1), usize::MAX).expect("the queue is open");
        host.queue.push(Numbered::new(2), usize::MAX).expect("the queue is open");
        let others = host.spawn(|host| {
            host.finish();
            host.poll(false);
        });
        let removed = host.queue.remove(|info| *info == 1);
        others.join().expect("the thread ends");
        let removed: Vec<_> = removed.into_iter().map(|task| task.number).collect();
        let book = lock(&host.book);
        assert_same("taken or removed", &[1, 2], &[&book.taken, &removed]);
        assert_same("ended or removed", &[1, 2], &[&book.ended, &removed]);
    });
}

/// What `finish` returns to be called.
#[derive(Debug)]
struct Launch;

/// A task.
#[derive(Debug)]
struct Numbered {
    number: u32,
    key: Option<usize>,
}

impl Numbered {
    fn new(number: u32) -> Self {
        Self { number, key: None }
    }
}

impl Scheduled for Numbered {
    type Info = u32;

    fn info(&self) -> &u32 {
        &self.number
    }

    fn start(&mut self, start: Start) {
        self.key = Some(start.key);
    }
}

/// A platform that keeps book of what becomes of each task.
struct Host {
    queue: Queue<Numbered, Launch>,
    wakes: Arc<Wakes>,
    launched: AtomicUsize,
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// Whether there is work that was told to wait.
    sleeping: bool,
    taken: Vec<u32>,
    ended: Vec<u32>,
    /// Never started: refused, or waiting when the queue was closed.
    dropped: Vec<u32>,
    /// Not ended when the queue was closed.
    abandoned: Vec<u32>,
    refused: Vec<u32>,
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

impl Host {
    fn new() -> Self {
        Self {
            queue: Queue::new(),
            wakes: Arc::new(Wakes { count: AtomicUsize::new(0) }),
            launched: AtomicUsize::new(0),
            book: Mutex::new(Book::default()),
        }
    }

    fn spawn(self: &Arc<Self>, run: impl FnOnce(&Self) + 'static) -> thread::JoinHandle<()> {
        let host = Arc::clone(self);
        thread::spawn(move || run(&host))
    }

    fn push(&self, task: u32) {
        match self.queue.push(Numbered::new(task), usize::MAX) {
            Ok(Handover::New) => self.poll(false),
            Ok(Handover::Existing) => (),
            Err(Rejected { task, .. }) => {
                let mut book = lock(&self.book);
                book.dropped.push(task.number);
                book.refused.push(task.number);
            }
        }
    }

    fn finish(&self) {
        if let Some(launch) = self.queue.finish(Instant::now(), None) {
            self.launch(launch);
        }
    }

    fn launch(&self, Launch: Launch) {
        self.launched.fetch_add(1, Ordering::Relaxed);
        self.poll(false);
    }

    fn close(&self) {
        let (waiting, running) = self.queue.close();
        let mut book = lock(&self.book);
        book.dropped.extend(waiting.iter().map(|task| task.number));
        book.abandoned.extend(waiting.iter().map(|task| task.number));
        book.abandoned.extend(running.into_iter().map(|live| live.info));
    }

    /// Polls the work; with `stay` its tasks never end.
    fn poll(&self, stay: bool) {
        let waker = Waker::from(Arc::clone(&self.wakes));
        let mut running = false;
        let mut ended: Option<Numbered> = None;
        loop {
            let key = ended.as_ref().and_then(|task| task.key);
            let (known, step) = self.queue.step(key, &waker, running, Instant::now());
            let mut book = lock(&self.book);
            book.ended.extend(ended.take().filter(|_| known).map(|task| task.number));
            match step {
                Step::Start { task, .. } => {
                    running = stay;
                    book.taken.push(task.number);
                    ended = Some(task);
                }
                Step::Wait => {
                    book.sleeping = true;
                    return;
                }
                Step::Done => return,
            }
        }
    }

    /// Polls the work that sleeps, if it was woken.
    fn continue_work(&self) {
        let sleeping = mem::take(&mut lock(&self.book).sleeping);
        let woken = self.wakes.count.load(Ordering::Relaxed) > 0;
        if sleeping && woken {
            self.poll(false);
        }
        assert!(!lock(&self.book).sleeping || !woken, "the work waits for nothing");
    }

    fn assert_all_taken(&self, tasks: &[u32]) {
        let book = lock(&self.book);
        assert_same("taken", tasks, &[&book.taken]);
        assert_same("ended", tasks, &[&book.ended]);
    }

    fn assert_all_accounted_for(&self, tasks: &[u32]) {
        let book = lock(&self.book);
        assert!(!book.sleeping, "the work sleeps on a closed queue");
        assert_same("taken or dropped", tasks, &[&book.taken, &book.dropped]);
        assert_same("reported", tasks, &[&book.ended, &book.abandoned, &book.refused]);
    }
}

#[track_caller]
fn assert_same(what: &str, expected: &[u32], found: &[&[u32]]) {
    let mut found = found.concat();
    found.sort_unstable();
    assert_eq!(found, expected, "{what}");
}
