//! The newest scopes, within limits of number and memory.

use std::{
    collections::VecDeque,
    sync::{Arc, OnceLock},
};

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::row::Row;

/// The newest scopes, sorted by their numbers.
#[derive(Debug)]
pub(super) struct Rows {
    slots: VecDeque<Slot>,
    bytes: usize,
    max: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Slot {
    id: u64,
    /// When it was last changed.
    version: u64,
    bytes: usize,
    /// Shared with watchers, who write it out without a lock.
    row: Arc<Written>,
}

/// A row, written out once for all watchers.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) row: Row,
    json: OnceLock<Option<Box<RawValue>>>,
}

impl Written {
    fn new(row: Row) -> Self {
        Self { row, json: OnceLock::new() }
    }
}

/// Of which the copy is about to be changed.
impl Clone for Written {
    fn clone(&self) -> Self {
        Self::new(self.row.clone())
    }
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Numbers, texts and lists make JSON.
        self.json.get_or_init(|| to_raw_value(&self.row).ok()).serialize(serializer)
    }
}

impl Rows {
    pub(super) fn new(max: usize, max_bytes: usize) -> Self {
        Self { slots: VecDeque::new(), bytes: 0, max, max_bytes }
    }

    /// Adds a row, at the cost of the oldest ones.
    pub(super) fn add(&mut self, row: Row, version: u64) {
        let (id, bytes) = (row.id, row.size());
        let Err(at) = self.find(id) else { return };
        self.slots.insert(at, Slot { id, version, bytes, row: Arc::new(Written::new(row)) });
        self.bytes += bytes;
        self.evict();
    }

    /// Changes a row, if it is still there.
    pub(super) fn change(&mut self, id: u64, version: u64, change: impl FnOnce(&mut Row)) {
        let Ok(at) = self.find(id) else { return };
        let slot = &mut self.slots[at];
        slot.version = version;
        let shown = Arc::make_mut(&mut slot.row);
        shown.json = OnceLock::new();
        change(&mut shown.row);
        let bytes = shown.row.size();
        self.bytes = self.bytes - slot.bytes + bytes;
        slot.bytes = bytes;
        self.evict();
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Written>> {
        let slot = self.find(id).ok().and_then(|at| self.slots.remove(at))?;
        self.bytes -= slot.bytes;
        Some(slot.row)
    }

    pub(super) fn get(&self, id: u64) -> Option<&Row> {
        self.find(id).ok().map(|at| &self.slots[at].row.row)
    }

    /// Returns the rows that were changed after `version`, the oldest first.
    pub(super) fn changed_since(&self, version: u64) -> Vec<Arc<Written>> {
        let changed = self.slots.iter().filter(|slot| slot.version > version);
        changed.map(|slot| Arc::clone(&slot.row)).collect()
    }

    /// Returns the number of the oldest row.
    pub(super) fn oldest(&self) -> u64 {
        self.slots.front().map_or(u64::MAX, |slot| slot.id)
    }

    fn find(&self, id: u64) -> Result<usize, usize> {
        self.slots.binary_search_by_key(&id, |slot| slot.id)
    }

    fn evict(&mut self) {
        while self.slots.len() > self.max || self.bytes > self.max_bytes {
            let Some(slot) = self.slots.pop_front() else { return };
            self.bytes -= slot.bytes;
        }
    }
}
