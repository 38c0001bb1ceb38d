//! A list of what happened, in order.

use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    entries: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.entries.lock().expect("nobody panics under it").push(entry.into());
    }

    /// Returns the entries so far.
    pub(crate) fn entries(&self) -> Vec<String> {
        self.entries.lock().expect("nobody panics under it").clone()
    }
}

/// Says `word` when it is dropped.
#[derive(Debug)]
pub(crate) struct OnDrop(pub(crate) Log, pub(crate) &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}
