//! Which scopes are not over.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasherDefault, Hasher},
};

use super::record::{Happened, Record, What};

/// The scopes that are not over.
#[derive(Debug, Default)]
pub(super) struct OpenScopes {
    scopes: ByScope<OpenScope>,
}

/// A scope whose response is not finished, or some of whose tasks have not ended.
#[derive(Debug)]
struct OpenScope {
    what: What,
    finished: bool,
    pending: usize,
    tasks: Tasks,
}

/// So many are known.
const MAX: usize = 20_000;

/// How many tasks of one scope are known by name.
const MAX_TASKS: usize = 64;

impl OpenScopes {
    /// Takes note of what has happened, and returns what the scope is of, if that was looked up and is
    /// known.
    pub(super) fn note(&mut self, record: &Record) -> Option<What> {
        if let Happened::Opened { what, .. } = record.what {
            if self.scopes.len() < MAX {
                let tasks = Tasks::default();
                let scope = OpenScope { what, finished: false, pending: 0, tasks };
                self.scopes.insert(record.scope, scope);
            }
            return Some(what);
        }
        let (Happened::Finished { .. } | Happened::Scheduled { .. } | Happened::Ended { .. }) =
            record.what
        else {
            return None;
        };
        let Entry::Occupied(mut entry) = self.scopes.entry(record.scope) else { return None };
        let scope = entry.get_mut();
        match record.what {
            Happened::Scheduled { task, .. } => {
                scope.pending += 1;
                scope.tasks.add(task);
            }
            Happened::Ended { .. } => scope.pending = scope.pending.saturating_sub(1),
            _ => scope.finished = true,
        }
        let what = scope.what;
        if scope.finished && scope.pending == 0 {
            entry.remove();
        }
        Some(what)
    }

    /// Returns which tasks of a scope are known by name, if it is not over.
    pub(super) fn tasks(&self, scope: u64) -> Option<Tasks> {
        self.scopes.get(&scope).map(|scope| scope.tasks)
    }

    /// Forgets a scope. Returns how many of its tasks have not ended.
    pub(super) fn remove(&mut self, scope: u64) -> Option<usize> {
        self.scopes.remove(&scope).map(|scope| scope.pending)
    }
}

/// Which tasks of a scope are known by name: the first ones.
///
/// Their numbers grow, but where several threads schedule at once; then it is some more.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tasks {
    count: usize,
    last: u64,
}

impl Tasks {
    /// Adds one, and returns whether it is known by name.
    pub(super) fn add(&mut self, task: u64) -> bool {
        if self.count < MAX_TASKS {
            self.count += 1;
            self.last = self.last.max(task);
        }
        self.knows(task)
    }

    pub(super) fn knows(self, task: u64) -> bool {
        task <= self.last
    }
}

/// Something of each scope, by its number.
pub(super) type ByScope<T> = HashMap<u64, T, BuildHasherDefault<NumberHasher>>;

/// Spreads numbers that the library has given: nobody can choose them so that they collide.
#[derive(Debug, Default)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing: by the golden ratio.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// Is there for whatever is no number.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }
}
