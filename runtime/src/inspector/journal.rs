//! What has happened: written down by those to whom it happens, and read by those who look.
//!
//! Whoever handles a request writes a record and goes on. It is counted and made a row when somebody
//! looks, or when there are many. So an inspector at which nobody looks costs a lock of a moment for
//! each event, and a share of throwing old records away.

use std::{mem, sync::TryLockError};

use super::{
    kept::Limits,
    notes::{Notes, Shown, why},
    record::Micros,
    settled::Settled,
};
use crate::{
    observe::Event,
    sync::{Mutex, MutexGuard, lock},
};

/// What has happened.
#[derive(Debug)]
pub(super) struct Journal {
    notes: Mutex<Notes>,
    /// Locked before `notes`, and never while an event waits.
    settled: Mutex<Settled>,
    shown: Shown,
    max_noted: usize,
}

/// So many records are read together, if nobody looks before.
const MANY: usize = 512;

impl Journal {
    pub(super) fn new(limits: Limits, shown: Shown) -> Self {
        let settled = Mutex::new(Settled::new(limits));
        Self { notes: Mutex::default(), settled, shown, max_noted: limits.bytes / 8 }
    }

    /// Writes an event down.
    pub(super) fn write(&self, event: &Event<'_>, now: Micros) {
        let why = why(event);
        let mut notes = lock(&self.notes);
        notes.write(event, &why, now, &self.shown);
        self.read_if_many(notes);
    }

    /// Forgets a request of the inspector itself, with all that is told of it later.
    pub(super) fn hide(&self, scope: u64, now: Micros) {
        let mut notes = lock(&self.notes);
        notes.hide(scope, now);
        self.read_if_many(notes);
    }

    /// Calls `look` with all that has happened.
    pub(super) fn read<R>(&self, look: impl FnOnce(&mut Settled) -> R) -> R {
        let mut settled = lock(&self.settled);
        self.settle(&mut settled);
        look(&mut settled)
    }

    /// Reads what was noted, but not where somebody is looking, who holds up no request.
    fn read_if_many(&self, notes: MutexGuard<'_, Notes>) {
        let many = notes.pages.records.len() >= MANY || notes.pages.bytes() > self.max_noted;
        drop(notes);
        if !many {
            return;
        }
        match self.settled.try_lock() {
            Ok(mut settled) => self.settle(&mut settled),
            Err(TryLockError::Poisoned(settled)) => self.settle(&mut settled.into_inner()),
            Err(TryLockError::WouldBlock) => {}
        }
    }

    fn settle(&self, settled: &mut Settled) {
        settled.absorb(|spare| mem::swap(&mut lock(&self.notes).pages, spare));
    }
}
