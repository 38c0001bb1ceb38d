//! What a build found.

use std::{fmt, panic::Location, time::Duration};

use super::error::Problem;
use crate::{error::Caller, scope::Lookup};

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
    pub(super) path: String,
    pub(super) location: Caller,
    pub(super) dynamic: Option<Dynamic>,
    pub(super) elapsed: Duration,
    /// Where the tasks were scheduled.
    pub(super) tasks: Vec<Caller>,
    /// Where the holes are.
    pub(super) holes: Vec<Caller>,
}

/// Why a page is dynamic.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic {
    asked: Option<Lookup>,
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
    /// Returns the path of the page, percent-encoded.
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
        self.dynamic.is_none()
    }

    /// Returns why the page is dynamic, if it is.
    #[must_use]
    pub fn dynamic(&self) -> Option<&Dynamic> {
        self.dynamic.as_ref()
    }

    /// Returns how long its render took, without its tasks.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns where the tasks were scheduled that ran at build.
    #[must_use]
    pub fn tasks(&self) -> &[&'static Location<'static>] {
        &self.tasks
    }

    /// Returns where the [holes](super::suspense()) of the page are made.
    #[must_use]
    pub fn holes(&self) -> &[&'static Location<'static>] {
        &self.holes
    }
}

impl Dynamic {
    pub(super) const FORCED: Self = Self { asked: None };

    pub(super) fn asked(lookup: Lookup) -> Self {
        Self { asked: Some(lookup) }
    }

    /// Returns the name of the request API that the page called; `None` if it was
    /// [forced](super::SiteBuilder::force_dynamic) to be dynamic.
    #[must_use]
    pub fn api(&self) -> Option<&'static str> {
        self.asked.map(|lookup| lookup.api)
    }

    /// Returns where the page called it.
    #[must_use]
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.asked.map(|lookup| lookup.caller)
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
        let Self { path, dynamic, elapsed, tasks, holes, .. } = self;
        match dynamic {
            Some(dynamic) => return write!(f, "dynamic  {path}  {dynamic}"),
            None if holes.is_empty() => write!(f, "static   {path}")?,
            None => write!(f, "static   {path}  with {} dynamic", counted(holes.len(), "hole"))?,
        }
        write!(f, "  {elapsed:.1?}")?;
        if !tasks.is_empty() {
            write!(f, "  {}", counted(tasks.len(), "task"))?;
        }
        Ok(())
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.asked {
            Some(Lookup { api, caller }) => write!(f, "`{api}()` at {caller}"),
            None => f.write_str("forced"),
        }
    }
}

/// What became of one page of a build.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) report: PageReport,
    pub(super) problems: Vec<Problem>,
}
