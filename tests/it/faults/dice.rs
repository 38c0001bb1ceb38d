//! Numbers at random.

use std::{
    panic,
    sync::{
        Arc, Once,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use crate::support::fail;

/// Numbers at random, from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(Arc<AtomicU64>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// Returns a number below `limit`, by `SplitMix64`.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        let mut number = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (number ^ (number >> 31)) % limit
    }

    pub(crate) fn one_in(&self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn fail_one_in(&self, count: u64) {
        if self.one_in(count) {
            fail();
        }
    }
}

/// Has the panics that a test wants say nothing.
pub(crate) fn quiet_panics() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload().downcast_ref::<&str>();
            if message.is_none_or(|message| !message.contains("a failure that the test wants")) {
                loud(info);
            }
        }));
    });
}
