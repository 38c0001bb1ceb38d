//! Models of the registry, checked by loom.

use std::{
    sync::Arc,
    task::{Poll, Wake, Waker},
};

use loom::{
    model,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::registry::Registry;

#[test]
fn the_last_removal_wakes_a_waiter_once() {
    model(|| {
        let registry = Arc::new(Registry::new());
        let (first, second) = (registry.add(1), registry.add(2));
        let removals = [first, second].map(|key| {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.remove(key, drop))
        });
        let waiter = Waiter::new();
        let found = registry.poll_empty(&waiter.waker());
        for removal in removals {
            removal.join().expect("the thread ends");
        }
        assert_eq!(waiter.wakes(), usize::from(found.is_pending()));
        assert_eq!(registry.poll_empty(&waiter.waker()), Poll::Ready(()));
    });
}

#[test]
fn a_waiter_is_woken_by_emptiness_between_two_entries() {
    model(|| {
        let registry = Arc::new(Registry::new());
        let first = registry.add(1);
        let others = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                registry.remove(first, drop);
                let second = registry.add(2);
                registry.remove(second, drop);
            })
        };
        let waiter = Waiter::new();
        let found = registry.poll_empty(&waiter.waker());
        others.join().expect("the thread ends");
        assert_eq!(waiter.wakes(), usize::from(found.is_pending()));
        assert_eq!(registry.len(), 0);
    });
}

#[test]
fn a_waiter_is_not_woken_while_something_is_pending() {
    model(|| {
        let registry = Arc::new(Registry::new());
        let stays = registry.add(1);
        let others = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || {
                let second = registry.add(2);
                registry.remove(second, drop);
            })
        };
        let waiter = Waiter::new();
        assert!(registry.poll_empty(&waiter.waker()).is_pending());
        others.join().expect("the thread ends");
        assert_eq!((waiter.wakes(), registry.items()), (0, vec![1]));
        registry.remove(stays, drop);
        assert_eq!(waiter.wakes(), 1);
    });
}

#[test]
fn every_waiter_is_woken() {
    model(|| {
        let registry = Arc::new(Registry::new());
        let key = registry.add(1);
        let first = Waiter::new();
        let others = {
            let (registry, waker) = (Arc::clone(&registry), first.waker());
            thread::spawn(move || registry.poll_empty(&waker))
        };
        let removal = {
            let registry = Arc::clone(&registry);
            thread::spawn(move || registry.remove(key, drop))
        };
        let second = Waiter::new();
        let found_by_second = registry.poll_empty(&second.waker());
        let found_by_first = others.join().expect("the thread ends");
        removal.join().expect("the thread ends");
        assert_eq!(first.wakes(), usize::from(found_by_first.is_pending()));
        assert_eq!(second.wakes(), usize::from(found_by_second.is_pending()));
    });
}

struct Waiter {
    wakes: Arc<Wakes>,
}

struct Wakes {
    count: AtomicUsize,
}

impl Waiter {
    fn new() -> Self {
        Self { wakes: Arc::new(Wakes { count: AtomicUsize::new(0) }) }
    }

    fn waker(&self) -> Waker {
        Waker::from(Arc::clone(&self.wakes))
    }

    fn wakes(&self) -> usize {
        self.wakes.count.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}
