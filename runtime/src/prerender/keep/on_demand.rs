//! The pages of parameters that no build knew, within a limit.
//!
//! A page is in one of three places: where it is rendered for the first time; among the pages; or
//! among what is not there. So a stranger who asks for what is not there takes no page's place.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use moka::{ops::compute::Op, policy::EvictionPolicy, sync::Cache};

use super::{Entry, Family};
use crate::sync::{Mutex, lock};

#[derive(Debug)]
pub(super) struct OnDemand {
    /// Those of which nothing is kept so far.
    first: Mutex<HashMap<Arc<str>, Arc<Entry>>>,
    pages: Pages,
    absent: Pages,
    capacity: u64,
    /// Whether it was said that a page is larger than all may be.
    warned: AtomicBool,
}

type Pages = Cache<Arc<str>, Arc<Entry>>;

/// What an entry takes beside its text: itself, what is kept, and its place in the cache.
const OVERHEAD: usize = 1024;

/// What is not there takes at most this part of the memory.
const ABSENT: u64 = 16;

impl OnDemand {
    pub(super) fn new(capacity: u64) -> Self {
        let cache = |capacity| {
            Cache::builder()
                .max_capacity(capacity)
                .weigher(|_: &Arc<str>, entry: &Arc<Entry>| {
                    u32::try_from(weight(entry)).unwrap_or(u32::MAX)
                })
                // The other policy may turn away a new page while it is rendered.
                .eviction_policy(EvictionPolicy::lru())
                .build()
        };
        Self {
            first: Mutex::default(),
            pages: cache(capacity),
            absent: cache(capacity / ABSENT),
            capacity,
            warned: AtomicBool::new(false),
        }
    }

    /// Finds what is known of the page at a canonical path.
    pub(super) fn find(&self, path: &str) -> Option<Arc<Entry>> {
        // What was not there may be there by now.
        let absent = || self.absent.get(path).filter(|entry| !entry.is_too_old());
        self.pages.get(path).or_else(absent)
    }

    /// Finds the page, or makes it one that is to be rendered.
    ///
    /// Whoever gets it must ask for it at once, and [settle](Self::settle) it when its render ends.
    pub(super) fn find_or_begin(&self, family: &Arc<Family>, path: &str) -> Arc<Entry> {
        if let Some(entry) = self.find(path) {
            return entry;
        }
        let mut first = lock(&self.first);
        if let Some(entry) = first.get(path).cloned().or_else(|| self.find(path)) {
            return entry;
        }
        let path: Arc<str> = path.into();
        let entry = Arc::new(Entry::new(Arc::clone(family), Arc::clone(&path)));
        first.insert(path, Arc::clone(&entry));
        entry
    }

    /// Finds a page, also one that is rendered for the first time.
    pub(super) fn known(&self, path: &str) -> Option<Arc<Entry>> {
        let entry = lock(&self.first).get(path).cloned();
        entry.or_else(|| self.pages.get(path)).or_else(|| self.absent.get(path))
    }

    /// Puts an entry in its place when a render of it has ended.
    ///
    /// One that was dropped meanwhile stays so: another may be in its place, and newer.
    pub(super) fn settle(&self, entry: &Arc<Entry>) {
        let Some(kept) = entry.kept() else { return self.forget(entry) };
        let (to, from) = if kept.is_not_found() {
            (&self.absent, &self.pages)
        } else {
            (&self.pages, &self.absent)
        };
        let begun = lock(&self.first).get(&entry.path).is_some_and(|it| Arc::ptr_eq(it, entry));
        let there = if begun {
            // What was not there a minute ago.
            from.invalidate(&entry.path);
            to.insert(Arc::clone(&entry.path), Arc::clone(entry));
            true
        } else if replace(from, entry, Op::Remove) {
            to.insert(Arc::clone(&entry.path), Arc::clone(entry));
            true
        } else {
            replace(to, entry, Op::Put(Arc::clone(entry)))
        };
        // Else others would be dropped only now and then.
        to.run_pending_tasks();
        // When it is in its place: else another might begin meanwhile.
        self.forget(entry);
        let weight = weight(entry) as u64;
        if there && weight > self.capacity && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "with_after", path = &*entry.path, bytes = weight, limit = self.capacity,
                "a page is larger than all of `param_cache`, and is rendered for each request: \
                 raise the limit, or list its parameters (see with_after::guide::troubleshooting)"
            );
        }
    }

    /// Takes an entry from those that are rendered for the first time.
    fn forget(&self, entry: &Arc<Entry>) {
        let mut first = lock(&self.first);
        if first.get(&entry.path).is_some_and(|it| Arc::ptr_eq(it, entry)) {
            first.remove(&entry.path);
        }
    }
}

/// Does so at the entry's place if the entry is there; returns whether it was.
fn replace(cache: &Pages, entry: &Arc<Entry>, op: Op<Arc<Entry>>) -> bool {
    let mut was = false;
    cache.entry_by_ref(&entry.path).and_compute_with(|there| {
        was = there.is_some_and(|there| Arc::ptr_eq(there.value(), entry));
        if was { op } else { Op::Nop }
    });
    was
}

fn weight(entry: &Entry) -> usize {
    let kept = entry.kept().map_or(0, |kept| kept.len());
    kept.saturating_add(OVERHEAD + entry.path.len())
}
