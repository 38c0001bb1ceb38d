//! All pages of one description.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use http::HeaderValue;

use super::{Generation, generation::SharedGeneration};
use crate::prerender::{
    describe::{Page, Rendering},
    render::Kept,
};

/// All pages of one description. To revalidate them costs the same whatever their number.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) page: Page,
    /// What shared caches are told of its pages.
    pub(crate) cache_control: HeaderValue,
    wanted: SharedGeneration,
    seen: AtomicU8,
}

/// What renders have found, as bits of [`Family::seen`].
const STATIC: u8 = 1;
const DYNAMIC: u8 = 2;

/// Next's `expireTime`.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Family {
    pub(crate) fn new(page: Page) -> Self {
        let fresh = page.revalidate_after.unwrap_or(YEAR).as_secs();
        let stale = YEAR.as_secs().saturating_sub(fresh);
        let value = format!("public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}");
        // Words and digits make a header.
        let cache_control = HeaderValue::try_from(value);
        let cache_control = cache_control.unwrap_or(HeaderValue::from_static("no-store"));
        Self { page, cache_control, wanted: SharedGeneration::default(), seen: AtomicU8::new(0) }
    }

    /// Lets each page be rendered anew.
    pub(crate) fn revalidate(&self, stale: bool) {
        // A page may be another one now.
        self.seen.store(0, Ordering::Relaxed);
        self.wanted.raise(stale);
    }

    pub(super) fn wanted(&self) -> Generation {
        self.wanted.load()
    }

    /// Takes note of what a render has found.
    pub(super) fn found(&self, kept: &Kept) {
        let bit = if matches!(kept, Kept::Dynamic(_)) { DYNAMIC } else { STATIC };
        // A hint alone: nothing else is read by it.
        self.seen.fetch_or(bit, Ordering::Relaxed);
    }

    /// Returns whether all renders so far have asked for the request: then the next one will too,
    /// and need not be tried first.
    pub(super) fn is_always_dynamic(&self) -> bool {
        self.page.rendering == Rendering::Dynamic || self.seen.load(Ordering::Relaxed) == DYNAMIC
    }
}
