//! Models of the flush and of the runner, checked by loom.

use std::{
    sync::Arc,
    task::{Wake, Waker},
};

use loom::{
    model,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{
    Flush,
    runner::{Given, Next, Runner, Then},
};

#[test]
fn a_response_armed_while_the_connection_goes_is_returned_once() {
    model(|| {
        let flush = Arc::new(Flush::new());
        let responses = [1, 2].map(|response| {
            let flush = Arc::clone(&flush);
            thread::spawn(move || flush.arm(response))
        });
        let mut returned = flushed(&flush);
        returned.extend(flush.gone());
        for response in responses {
            returned.extend(response.join().expect("the thread ends"));
        }
        returned.sort_unstable();
        assert_eq!(returned, [1, 2]);
        assert!(flush.gone().is_empty(), "a response was left behind");
    });
}

#[test]
fn a_flush_returns_what_its_connection_armed_before() {
    model(|| {
        let flush = Arc::new(Flush::new());
        let other = {
            let flush = Arc::clone(&flush);
            thread::spawn(move || flush.arm(2))
        };
        assert_eq!(flush.arm(1), None);
        let mut returned = flushed(&flush);
        assert!(returned.contains(&1), "the connection's own response waits");
        assert_eq!(other.join().expect("the thread ends"), None);
        returned.extend(flushed(&flush));
        returned.sort_unstable();
        assert_eq!(returned, [1, 2], "the next flush returns the other's");
    });
}

#[test]
fn two_flushes_share_the_responses() {
    model(|| {
        let flush = Arc::new(Flush::new());
        let others = {
            let flush = Arc::clone(&flush);
            thread::spawn(move || {
                assert_eq!(flush.arm(1), None);
                flushed(&flush)
            })
        };
        let mut returned = flushed(&flush);
        returned.extend(others.join().expect("the thread ends"));
        assert_eq!(returned, [1]);
        assert!(flush.gone().is_empty());
    });
}

fn flushed(flush: &Flush<u32>) -> Vec<u32> {
    std::iter::from_fn(|| flush.flushed()).collect()
}

#[test]
fn a_work_given_while_the_runner_goes_to_sleep_is_taken() {
    model(|| {
        let runner = Arc::new(Runner::new());
        assert!(matches!(runner.give(1), Given::First));
        let wakes = Wakes::new();
        let giving = {
            let runner = Arc::clone(&runner);
            thread::spawn(move || assert!(matches!(runner.give(2), Given::Taken)))
        };
        let mut taken = run(&runner, &wakes);
        giving.join().expect("the thread ends");
        if wakes.count() > 0 {
            taken.extend(run(&runner, &wakes));
        }
        assert_eq!(taken, [1, 2]);
    });
}

#[test]
fn a_work_given_while_the_connection_goes_is_taken_or_refused() {
    model(|| {
        let runner = Arc::new(Runner::new());
        assert!(matches!(runner.give(1), Given::First));
        let wakes = Wakes::new();
        let giving = {
            let runner = Arc::clone(&runner);
            thread::spawn(move || match runner.give(2) {
                Given::Refused(work) => vec![work],
                Given::First | Given::Taken => Vec::new(),
            })
        };
        let closing = {
            let runner = Arc::clone(&runner);
            thread::spawn(move || runner.close())
        };
        let mut works = run(&runner, &wakes);
        works.extend(giving.join().expect("the thread ends"));
        closing.join().expect("the thread ends");
        if wakes.count() > 0 {
            works.extend(run(&runner, &wakes));
        }
        works.sort_unstable();
        assert_eq!(works, [1, 2]);
        let end = runner.next(&wakes.waker()).then;
        assert!(matches!(end, Then::End), "the task ends with its connection");
    });
}

/// Takes works until there are none, as the task does when it is polled.
fn run(runner: &Runner<u32>, wakes: &Arc<Wakes>) -> Vec<u32> {
    let mut taken = Vec::new();
    loop {
        let Next { work, then } = runner.next(&wakes.waker());
        taken.extend(work);
        if !matches!(then, Then::Again) {
            return taken;
        }
    }
}

struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(0)))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn waker(self: &Arc<Self>) -> Waker {
        Waker::from(Arc::clone(self))
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
