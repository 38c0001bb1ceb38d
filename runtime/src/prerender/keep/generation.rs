//! How often something was revalidated.

use std::{
    ops::Add,
    sync::atomic::{AtomicU64, Ordering},
};

/// How often something was revalidated, counted for each of both ways.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Generation {
    /// So that the next visitor waits for the new page.
    waiting: u64,
    /// So that visitors have the old page meanwhile.
    stale: u64,
}

/// A generation that many read and some raise.
#[derive(Debug, Default)]
pub(super) struct SharedGeneration {
    waiting: AtomicU64,
    stale: AtomicU64,
}

impl Generation {
    pub(super) const FIRST: Self = Self { waiting: 1, stale: 0 };

    pub(super) fn raise(&mut self, stale: bool) {
        if stale {
            self.stale += 1;
        } else {
            self.waiting += 1;
        }
    }

    /// Returns whether what is of this generation may be shown to one who asks for `wanted`.
    pub(super) fn satisfies(self, wanted: Self) -> bool {
        self.waiting >= wanted.waiting
    }

    /// Returns whether what is of this generation is to be rendered anew.
    pub(super) fn is_behind(self, wanted: Self) -> bool {
        self.waiting < wanted.waiting || self.stale < wanted.stale
    }
}

impl Add for Generation {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { waiting: self.waiting + other.waiting, stale: self.stale + other.stale }
    }
}

impl SharedGeneration {
    pub(super) fn raise(&self, stale: bool) {
        // Pairs with the loads in `load`: who sees it sees what the revalidation was for.
        let counter = if stale { &self.stale } else { &self.waiting };
        counter.fetch_add(1, Ordering::Release);
    }

    pub(super) fn load(&self) -> Generation {
        let waiting = self.waiting.load(Ordering::Acquire);
        Generation { waiting, stale: self.stale.load(Ordering::Acquire) }
    }
}
