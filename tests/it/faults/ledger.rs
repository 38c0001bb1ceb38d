//! A ledger of what became of each task.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use with_after::{
    Cause, TaskFailure,
    platform::{DrainReport, InProcess, Overload, Platform, TaskEnd, TaskReport, Work},
};

use super::dice::Dice;
use crate::support::fail;

/// What became of each task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger(Arc<Mutex<BTreeMap<String, Account>>>);

#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) scheduled: usize,
    /// How often its code came to its end.
    ran: usize,
    dropped: usize,
    completed: usize,
    failed: usize,
    skipped: usize,
    heard: usize,
    abandoned: usize,
}

impl Ledger {
    pub(super) fn enter(&self, name: &str, enter: impl FnOnce(&mut Account)) {
        let mut accounts = self.0.lock().expect("nobody panics under it");
        enter(accounts.entry(name.to_owned()).or_default());
    }

    pub(crate) fn heard(&self, failure: &TaskFailure) {
        let abandoned = matches!(failure.cause(), Cause::Abandoned);
        self.enter(failure.name(), |account| {
            account.heard += 1;
            account.abandoned += usize::from(abandoned);
        });
    }

    /// Returns whether every task has ended, and is dropped.
    pub(crate) fn is_balanced(&self) -> bool {
        let accounts = self.0.lock().expect("nobody panics under it");
        accounts.values().all(|account| {
            let ended = account.completed + account.failed + account.skipped;
            ended >= account.scheduled && account.dropped >= 1
        })
    }

    /// Holds that each task has ended once, and that everybody has heard of it.
    pub(crate) fn audit(&self, report: &DrainReport) {
        let accounts = self.0.lock().expect("nobody panics under it");
        for (name, account) in &*accounts {
            let Account { completed, failed, skipped, heard, .. } = *account;
            let ended = completed + failed + skipped;
            // What was refused may have been skipped.
            let refused = account.scheduled == 0 && ended == skipped && skipped <= 1;
            assert!(ended == account.scheduled || refused, "{name}: {account:?}");
            assert_eq!(account.dropped, 1, "{name}: {account:?}");
            assert_eq!(heard, failed, "{name}: {account:?}");
            assert!(account.ran <= 1 && account.ran >= completed, "{name}: {account:?}");
            assert!(skipped == 0 || account.ran == 0, "{name}: {account:?}");
        }
        for task in report.abandoned() {
            assert_eq!(accounts[task.name()].abandoned, 1, "{}", task.name());
        }
        let ends = |end: fn(&Account) -> usize| accounts.values().map(end).sum::<usize>();
        let ends = [
            ends(|account| account.completed),
            ends(|account| account.failed),
            ends(|account| account.skipped),
            report.abandoned().len(),
        ];
        assert!(ends.iter().all(|count| *count > 0), "not every end came about: {ends:?}");
    }
}

/// What a task holds.
pub(super) struct Held(pub(super) Ledger, pub(super) String);

impl Held {
    pub(super) fn ran(&self) {
        self.0.enter(&self.1, |account| account.ran += 1);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.enter(&self.1, |account| account.dropped += 1);
    }
}

/// A platform that keeps the ledger, and panics.
pub(crate) struct Auditing {
    in_process: InProcess,
    ledger: Ledger,
    dice: Dice,
}

impl Auditing {
    pub(crate) fn new(in_process: &InProcess, ledger: &Ledger, seed: u64) -> Self {
        Self { in_process: in_process.clone(), ledger: ledger.clone(), dice: Dice::new(seed) }
    }
}

impl Platform for Auditing {
    fn wait_until(&self, work: Work) {
        // A work that was taken over, or that is dropped by the panic.
        if self.dice.one_in(200) {
            fail();
        }
        self.in_process.wait_until(work);
        self.dice.fail_one_in(50);
    }

    fn admit(&self) -> Result<(), Overload> {
        if self.dice.one_in(100) {
            return Err(Overload::new("the dice say so"));
        }
        self.in_process.admit()
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.in_process.task_ended(report);
        self.ledger.enter(report.name(), |account| match report.end() {
            TaskEnd::Completed => account.completed += 1,
            TaskEnd::Failed(_) => account.failed += 1,
            _ => account.skipped += 1,
        });
        self.dice.fail_one_in(20);
    }
}
