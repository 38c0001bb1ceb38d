//! Which records are kept: those of the newest scopes, and of what is not over.

use std::{
    collections::{BTreeSet, VecDeque},
    mem,
};

use super::{
    open::OpenScopes,
    record::{Happened, Pages, Record, What},
};

/// Records, within limits.
///
/// They are thrown away by the page, and none is looked at twice while it is kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// Of scopes that are older than the pages, and not over; and of renders.
    old: Pages,
    /// The versions of `old`.
    versions: Vec<u64>,
    /// How many old ones were left when some were last thrown away.
    left: usize,
    renders: BTreeSet<u64>,
    pages: VecDeque<Page>,
    requests: usize,
    bytes: usize,
    pub(super) limits: Limits,
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) requests: usize,
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Page {
    pages: Pages,
    /// The version of the first record; those that follow have the following ones.
    first: u64,
    /// How many scopes begin there, but for renders.
    requests: usize,
}

/// So many records make a page of their own.
const FULL: usize = 256;

/// How many renders and revalidations are kept.
pub(super) const RENDERS: usize = 200;

impl Kept {
    pub(super) fn new(limits: Limits) -> Self {
        let (old, renders, pages) = (Pages::default(), BTreeSet::new(), VecDeque::new());
        Self { old, versions: Vec::new(), left: 0, renders, pages, requests: 0, bytes: 0, limits }
    }

    /// Adds records, the first of which has that version and `requests` of which begin one, and takes
    /// them out where they are many.
    pub(super) fn add(&mut self, fresh: &mut Pages, first: u64, requests: usize) {
        let bytes = fresh.bytes();
        match self.pages.back_mut() {
            Some(last)
                if last.pages.records.len() + fresh.records.len() <= FULL
                    && last.pages.bytes() + bytes <= self.limits.bytes / 8 =>
            {
                last.pages.append(fresh);
                last.requests += requests;
            }
            _ => {
                let pages = mem::take(fresh);
                self.pages.push_back(Page { pages, first, requests });
            }
        }
        self.requests += requests;
        self.bytes += bytes;
    }

    /// Throws away what is too much; empty pages are left in `spare`.
    pub(super) fn throw_away(&mut self, open: &OpenScopes, spare: &mut Pages) {
        while let Some(first) = self.pages.front() {
            let many = self.requests - first.requests >= self.limits.requests;
            if !many && self.bytes + self.old.bytes() <= self.limits.bytes {
                break;
            }
            let Some(mut first) = self.pages.pop_front() else { break };
            self.requests -= first.requests;
            self.bytes -= first.pages.bytes();
            self.keep_old(&first.pages, first.first.., open);
            first.pages.clear();
            *spare = first.pages;
        }
        if self.old.records.len() > 2 * self.left + FULL {
            let (old, versions) = (mem::take(&mut self.old), mem::take(&mut self.versions));
            self.keep_old(&old, versions, open);
            self.left = self.old.records.len();
        }
    }

    /// Keeps of pages that are thrown away what is not over, and the newest renders.
    fn keep_old(
        &mut self,
        pages: &Pages,
        versions: impl IntoIterator<Item = u64>,
        open: &OpenScopes,
    ) {
        for (record, version) in pages.records.iter().zip(versions) {
            if matches!(record.what, Happened::Opened { what: What::Render, .. }) {
                self.renders.insert(record.scope);
                if self.renders.len() > RENDERS {
                    self.renders.pop_first();
                }
            }
            let tasks = open.tasks(record.scope);
            if tasks.is_none() && !self.renders.contains(&record.scope) {
                continue;
            }
            // Half of it, so that there is room for what comes. What is younger is forgotten: what has
            // waited longest is looked for.
            if self.old.bytes() + record.bytes() > self.limits.bytes / 2 {
                return;
            }
            let known = |task| tasks.is_none_or(|tasks| tasks.knows(task));
            if record.task().is_none_or(known) {
                self.old.copy(*record, pages);
                self.versions.push(version);
            } else if matches!(record.what, Happened::Scheduled { .. }) {
                self.add_more(record, version);
            }
        }
    }

    /// Adds to how many tasks of a scope are not known by name.
    fn add_more(&mut self, record: &Record, version: u64) {
        if let Some(last) = self.old.records.last_mut().filter(|last| last.scope == record.scope) {
            if let Happened::MoreTasks { count } = &mut last.what {
                *count += 1;
                return;
            }
        }
        let what = Happened::MoreTasks { count: 1 };
        self.old.records.push(Record { what, ..*record });
        self.versions.push(version);
    }

    /// Returns all records, with their versions, and the pages on which they stand.
    pub(super) fn all(&self) -> impl Iterator<Item = (u64, &Record, &Pages)> {
        let old = self.versions.iter().zip(&self.old.records);
        let old = old.map(|(version, record)| (*version, record, &self.old));
        old.chain(self.pages.iter().flat_map(|page| {
            let records = (page.first..).zip(&page.pages.records);
            records.map(|(version, record)| (version, record, &page.pages))
        }))
    }

    /// Takes out the record with which a scope begins, so that the rest of it is of none.
    pub(super) fn forget(&mut self, scope: u64) {
        let pages = self.pages.iter_mut().rev().map(|page| &mut page.pages);
        for record in pages.flat_map(|pages| pages.records.iter_mut().rev()) {
            if record.scope == scope && matches!(record.what, Happened::Opened { .. }) {
                record.what = Happened::Hidden;
                return;
            }
        }
    }
}
