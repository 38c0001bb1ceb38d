//! What a build found.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use crate::{
    error::Caller,
    prerender::{keep::Entry, render::Dynamic},
};

/// What a build found: each page, in the order in which they were described.
///
/// Displays a line for each page.
#[derive(Clone, Debug, Default)]
pub struct BuildReport {
    pub(super) pages: Vec<PageReport>,
    pub(super) elapsed: Duration,
}

/// What a build found of one page.
#[derive(Clone, Debug)]
pub struct PageReport {
    path: Arc<str>,
    location: Caller,
    elapsed: Duration,
    /// `None` if there is nothing, as for most pages: of which there may be many.
    found: Option<Arc<Found>>,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) dynamic: Option<Dynamic>,
    /// Where the tasks were scheduled.
    pub(super) tasks: Vec<Caller>,
    /// Where the holes are.
    pub(super) holes: Vec<Caller>,
}

impl BuildReport {
    /// Returns the pages, those with parameters once for each listed value.
    #[must_use]
    pub fn pages(&self) -> &[PageReport] {
        &self.pages
    }

    /// Returns how long the build took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl PageReport {
    pub(super) fn new(entry: &Entry) -> Self {
        Self {
            path: Arc::clone(&entry.path),
            location: entry.family.page.location,
            elapsed: Duration::ZERO,
            found: None,
        }
    }

    pub(super) fn found(&mut self, found: Found, elapsed: Duration) {
        self.elapsed = elapsed;
        let any = found.dynamic.is_some() || !found.tasks.is_empty() || !found.holes.is_empty();
        self.found = any.then(|| Arc::new(found));
    }

    /// Returns the path of the page, percent-encoded; `404` and `500` for the pages of errors.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns where the page was described.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// Returns whether the page is static; it may have [holes](Self::holes).
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.dynamic().is_none()
    }

    /// Returns why the page is dynamic, if it is.
    #[must_use]
    pub fn dynamic(&self) -> Option<&Dynamic> {
        self.found.as_deref()?.dynamic.as_ref()
    }

    /// Returns how long its render took, without its tasks.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns where the tasks were scheduled that ran at build.
    #[must_use]
    pub fn tasks(&self) -> &[&'static Location<'static>] {
        self.found.as_deref().map_or(&[], |found| &found.tasks)
    }

    /// Returns where the [holes](crate::prerender::suspense()) of the page are made.
    #[must_use]
    pub fn holes(&self) -> &[&'static Location<'static>] {
        self.found.as_deref().map_or(&[], |found| &found.holes)
    }
}

impl fmt::Display for BuildReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, s) = (self.pages.len(), if self.pages.len() == 1 { "" } else { "s" });
        write!(f, "{count} page{s} in {:.1?}", self.elapsed)?;
        self.pages.iter().try_for_each(|page| write!(f, "\n  {page}"))
    }
}

impl fmt::Display for PageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, elapsed, .. } = self;
        match self.dynamic() {
            Some(dynamic) => return write!(f, "dynamic  {path}  {dynamic}"),
            None if self.holes().is_empty() => write!(f, "static   {path}")?,
            None => {
                let holes = counted(self.holes().len(), "hole");
                write!(f, "static   {path}  with {holes} dynamic")?;
            }
        }
        write!(f, "  {elapsed:.1?}")?;
        if !self.tasks().is_empty() {
            write!(f, "  {}", counted(self.tasks().len(), "task"))?;
        }
        Ok(())
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
