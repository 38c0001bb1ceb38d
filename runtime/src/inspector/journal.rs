//! What has happened: written down by those to whom it happens, and read by those who look.
//!
//! Whoever handles a request writes a record and goes on. It is counted and made a row when somebody
//! looks, or when there are many. So an inspector at which nobody looks costs a lock of a moment for
//! each event, and a share of counting records and throwing old ones away.

use std::{
    array, mem,
    sync::{
        TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use super::{
    clock::Clock,
    kept::Limits,
    notes::{Notes, Shown, why},
    record::Pages,
    settled::Settled,
};
use crate::{
    observe::Event,
    sync::{Mutex, MutexGuard, lock},
};

/// What has happened.
#[derive(Debug)]
pub(super) struct Journal {
    /// A thread writes the same ones each time, and few threads write those of another one.
    notes: [Line<Mutex<Notes>>; NOTES],
    /// Locked before notes, and by nobody who handles a request where another one has locked it.
    settled: Mutex<Settled>,
    shown: Shown,
    max_noted: usize,
}

/// A value that shares its line of the processors' caches with no other: two lines, for they are
/// fetched in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Line<T>(T);

/// For so many threads.
const NOTES: usize = 8;

/// So many records are read together, if nobody looks before.
const MANY: usize = 512;

impl Journal {
    pub(super) fn new(limits: Limits, clock: Clock, shown: Shown) -> Self {
        let settled = Mutex::new(Settled::new(limits, clock));
        let notes = array::from_fn(|_| Line(Mutex::new(Notes::default())));
        Self { notes, settled, shown, max_noted: limits.bytes / 8 }
    }

    /// Writes an event down.
    pub(super) fn write(&self, event: &Event<'_>) {
        let why = why(event);
        let mut notes = self.notes();
        // Under the lock, so that the records of a thread are sorted.
        notes.write(event, &why, Instant::now(), &self.shown);
        self.read_if_many(notes);
    }

    /// Forgets a request of the inspector itself, with all that is told of it later.
    pub(super) fn hide(&self, scope: u64) {
        let mut notes = self.notes();
        notes.hide(scope, Instant::now());
        self.read_if_many(notes);
    }

    /// Calls `look` with all that has happened.
    pub(super) fn read<R>(&self, look: impl FnOnce(&mut Settled) -> R) -> R {
        let mut settled = lock(&self.settled);
        settled.absorb(|pages| self.take(pages));
        look(&mut settled)
    }

    /// Reads what was noted, but not where somebody is looking, who holds up no request.
    #[inline]
    fn read_if_many(&self, notes: MutexGuard<'_, Notes>) {
        let many = notes.pages.records.len() >= MANY || notes.pages.bytes() > self.max_noted;
        drop(notes);
        if many {
            self.try_read();
        }
    }

    #[cold]
    fn try_read(&self) {
        match self.settled.try_lock() {
            Ok(mut settled) => settled.absorb(|pages| self.take(pages)),
            Err(TryLockError::Poisoned(settled)) => {
                settled.into_inner().absorb(|pages| self.take(pages));
            }
            Err(TryLockError::WouldBlock) => {}
        }
    }

    /// Takes all notes, of one moment, in the order in which it happened.
    fn take(&self, pages: &mut Pages) {
        let mut all = self.notes.each_ref().map(|notes| lock(&notes.0));
        let mut written = all.iter_mut().filter(|notes| !notes.pages.records.is_empty());
        if let Some(first) = written.next() {
            mem::swap(pages, &mut first.pages);
        }
        let empty = || Pages::with_capacity(MANY);
        let others: Vec<_> = written.map(|other| mem::replace(&mut other.pages, empty())).collect();
        drop(all);
        if others.is_empty() {
            return;
        }
        for mut other in others {
            pages.append(&mut other);
        }
        pages.records.sort_by_key(|record| record.at);
    }

    /// Locks the notes of this thread.
    fn notes(&self) -> MutexGuard<'_, Notes> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        lock(&self.notes[THREAD.with(|thread| thread % NOTES)].0)
    }
}
