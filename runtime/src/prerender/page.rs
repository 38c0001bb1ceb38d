//! What a site knows of a page.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::{Params, path::Pattern, suspense::ComponentFuture};
use crate::error::Caller;

/// A page as it was described.
pub(super) struct Page {
    pub(super) pattern: Pattern,
    pub(super) location: Caller,
    pub(super) component: Component,
    pub(super) rendering: Rendering,
    pub(super) revalidate_after: Option<Duration>,
    pub(super) tags: Vec<Cow<'static, str>>,
}

pub(super) type Component = Arc<dyn Fn(&Params) -> ComponentFuture + Send + Sync>;

/// When a page is rendered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Rendering {
    /// Before it is asked for, unless it asks for the request.
    Found,
    /// For each request.
    Dynamic,
    /// Before it is asked for; it must not ask for the request.
    Static,
}

impl Page {
    /// Returns whether `path` is the page's own, with its parameters unfilled.
    pub(super) fn described_as(&self, path: &str) -> bool {
        self.pattern.has_params() && self.pattern.to_string() == path
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("path", &format_args!("{}", self.pattern))
            .field("rendering", &self.rendering)
            .finish_non_exhaustive()
    }
}
