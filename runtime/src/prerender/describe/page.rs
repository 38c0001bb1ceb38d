//! A page as it was described.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use super::{ComponentFuture, Params, Pattern};
use crate::error::Caller;

/// A page as it was described.
pub(crate) struct Page {
    pub(crate) role: Role,
    pub(crate) location: Caller,
    pub(crate) component: Component,
    pub(crate) rendering: Rendering,
    pub(crate) revalidate_after: Option<Duration>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    /// Whether there are no pages of parameters but those that were listed.
    pub(crate) only_listed: bool,
}

pub(crate) type Component = Arc<dyn Fn(&Params) -> ComponentFuture + Send + Sync>;

/// When a page is shown.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// To those who ask for such a path.
    At(Pattern),
    /// To those who ask for what is not there.
    NotFound,
    /// To those whose page failed.
    Error,
}

/// When a page is rendered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rendering {
    /// Before it is asked for, unless it asks for the request.
    Found,
    /// For each request.
    Dynamic,
    /// Before it is asked for; it must not ask for the request.
    Static,
}

impl Page {
    pub(crate) fn pattern(&self) -> Option<&Pattern> {
        match &self.role {
            Role::At(pattern) => Some(pattern),
            Role::NotFound | Role::Error => None,
        }
    }

    /// Returns the parameters in the canonical path of one of its pages.
    pub(crate) fn params(&self, path: &str) -> Option<Params> {
        match &self.role {
            Role::At(pattern) => pattern.matches(path),
            Role::NotFound | Role::Error => Some(Params::default()),
        }
    }
}

impl fmt::Display for Role {
    /// What is no path begins without a slash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(pattern) => pattern.fmt(f),
            Self::NotFound => f.write_str("404"),
            Self::Error => f.write_str("500"),
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("path", &format_args!("{}", self.role))
            .field("rendering", &self.rendering)
            .finish_non_exhaustive()
    }
}
