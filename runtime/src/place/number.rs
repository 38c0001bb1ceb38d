//! The numbers by which observers know scopes and tasks.

/// The number of a scope or a task. One that nobody observes has none; without the feature `observe`
/// nothing has one, and it takes no room.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Number {
    #[cfg(feature = "observe")]
    number: u64,
}

#[cfg(feature = "observe")]
impl Number {
    /// Returns one that no other scope or task of the process has.
    pub(crate) fn next() -> Self {
        use std::sync::atomic::{AtomicU64, Ordering};

        static LAST: AtomicU64 = AtomicU64::new(0);
        Self { number: LAST.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    /// Returns the number, if it is one.
    #[inline]
    pub(crate) fn get(self) -> Option<u64> {
        (self.number != 0).then_some(self.number)
    }
}
