//! The newest scopes, within limits of number and memory.

use std::{
    collections::{BTreeMap, VecDeque},
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
    /// Older ones that are not over, each with its size: what takes long is not to be forgotten.
    /// Within the same limit of memory.
    old: BTreeMap<u64, (usize, Row)>,
    old_bytes: usize,
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
        let (slots, old) = (VecDeque::new(), BTreeMap::new());
        Self { slots, bytes: 0, old, old_bytes: 0, max, max_bytes }
    }

    /// Adds a row, at the cost of the oldest ones.
    pub(super) fn add(&mut self, row: Row, version: u64) {
        let (id, bytes) = (row.id, row.size());
        let Err(at) = self.find(id) else { return };
        self.slots.insert(at, Slot { id, version, bytes, row: Arc::new(Written::new(row)) });
        self.bytes += bytes;
        self.evict();
    }

    /// Changes a row, if it is still there. `change` returns by how many bytes it grows.
    pub(super) fn change(&mut self, id: u64, version: u64, change: impl FnOnce(&mut Row) -> usize) {
        let Ok(at) = self.find(id) else { return self.change_old(id, change) };
        let slot = &mut self.slots[at];
        slot.version = version;
        let written = Arc::make_mut(&mut slot.row);
        written.json = OnceLock::new();
        let grown = change(&mut written.row);
        slot.bytes += grown;
        self.bytes += grown;
        if self.bytes > self.max_bytes {
            self.evict();
        }
    }

    fn change_old(&mut self, id: u64, change: impl FnOnce(&mut Row) -> usize) {
        let Some((bytes, row)) = self.old.get_mut(&id) else { return };
        let grown = change(row);
        *bytes += grown;
        self.old_bytes += grown;
        if row.is_over() || self.old_bytes > self.max_bytes {
            self.old_bytes -= *bytes;
            self.old.remove(&id);
        }
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Arc<Written>> {
        let slot = self.find(id).ok().and_then(|at| self.slots.remove(at))?;
        self.bytes -= slot.bytes;
        Some(slot.row)
    }

    pub(super) fn get(&self, id: u64) -> Option<&Row> {
        match self.find(id) {
            Ok(at) => Some(&self.slots[at].row.row),
            Err(_) => self.old.get(&id).map(|(_, row)| row),
        }
    }

    /// Returns the rows that were changed after `version`, the oldest first.
    pub(super) fn changed_since(&self, version: u64) -> Vec<Arc<Written>> {
        let changed = self.slots.iter().filter(|slot| slot.version > version);
        changed.map(|slot| Arc::clone(&slot.row)).collect()
    }

    /// Returns what is not over, the oldest first.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Row> {
        let slots = self.slots.iter().map(|slot| &slot.row.row);
        self.old.values().map(|(_, row)| row).chain(slots).filter(|row| !row.is_over())
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
            if !slot.row.row.is_over() && self.old_bytes + slot.bytes <= self.max_bytes {
                self.old_bytes += slot.bytes;
                self.old.insert(slot.id, (slot.bytes, Arc::unwrap_or_clone(slot.row).row));
            }
        }
    }
}
