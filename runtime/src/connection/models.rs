//! Models of the flush, checked by loom.

use std::sync::Arc;

use loom::{model, thread};

use super::flush::Flush;

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
