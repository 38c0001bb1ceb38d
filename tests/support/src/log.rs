//! A list of what happened, in order.

use std::sync::{Arc, Mutex};

/// A list of what happened, in order.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Arc<Mutex<Vec<String>>>,
}

impl Log {
    /// Adds what happened.
    ///
    /// # Panics
    ///
    /// Panics if another thread has panicked in here.
    pub fn add(&self, entry: impl Into<String>) {
        self.entries.lock().expect("nobody panics under it").push(entry.into());
    }

    /// Returns the entries so far.
    ///
    /// # Panics
    ///
    /// Panics if another thread has panicked in here.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        self.entries.lock().expect("nobody panics under it").clone()
    }
}

/// Says `word` when it is dropped.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "tests make it")]
pub struct OnDrop(pub Log, pub &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}
