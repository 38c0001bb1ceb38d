//! What holds for all pages of a site.

use std::{panic::Location, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Revalidation, path::canonical};
use crate::error::Caller;
#[cfg(feature = "observe")]
use crate::host::Observers;
pub(crate) use crate::host::OnFailure;

/// What a render may take, and a task that says nothing else: Next's `staticPageGenerationTimeout`.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// What the pages of unlisted parameters may take: Next's `cacheMaxMemorySize`.
const PARAM_CACHE: u64 = 50 * 1024 * 1024;

const MAX_RENDERS: usize = 64;

/// What holds for all pages.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) max_duration: Duration,
    pub(crate) error_fallback: Bytes,
    pub(crate) param_cache: u64,
    pub(crate) max_renders: usize,
    pub(crate) on_failure: Option<OnFailure>,
    pub(crate) on_revalidate: Option<OnRevalidate>,
    /// Empty, or a canonical path without a slash at its end, once it is checked.
    pub(crate) nested_under: String,
    /// Where it was said.
    pub(crate) nested_at: Caller,
    pub(crate) redirect_trailing_slash: bool,
    /// Where an earlier process has exported its pages.
    pub(crate) warm_start: Option<PathBuf>,
    #[cfg(feature = "observe")]
    pub(crate) observers: Arc<Observers>,
}

pub(crate) type OnRevalidate = Arc<dyn Fn(&Revalidation) + Send + Sync>;

impl Options {
    /// Brings the prefix into canonical form, or says what is wrong with it.
    pub(crate) fn check(&mut self) -> Result<(), &'static str> {
        if self.nested_under.is_empty() {
            return Ok(());
        }
        let prefix = canonical(&self.nested_under).ok_or("it does not begin with `/`")?;
        let prefix = prefix.strip_suffix('/').unwrap_or(&prefix).to_owned();
        self.nested_under = prefix;
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_duration: MAX_DURATION,
            error_fallback: Bytes::from_static(b"This part of the page cannot be shown."),
            param_cache: PARAM_CACHE,
            max_renders: MAX_RENDERS,
            on_failure: None,
            on_revalidate: None,
            nested_under: String::new(),
            nested_at: Location::caller(),
            redirect_trailing_slash: false,
            warm_start: None,
            #[cfg(feature = "observe")]
            observers: Arc::default(),
        }
    }
}
