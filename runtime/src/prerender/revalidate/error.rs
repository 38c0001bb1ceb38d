//! Why nothing was revalidated.

use std::{error::Error, fmt};

use crate::{
    error::{Caller, MORE},
    prerender::{Revalidation, describe::Subject},
};

/// The error of [`revalidate_path`](crate::revalidate_path()),
/// [`revalidate_tag`](crate::revalidate_tag()) and
/// [`Revalidation::apply`](crate::prerender::Revalidation::apply): nothing was revalidated.
#[derive(Debug)]
pub struct RevalidateError {
    call: String,
    caller: Caller,
    kind: RevalidateErrorKind,
}

#[derive(Debug)]
pub(super) enum RevalidateErrorKind {
    /// In the component of this name.
    InRender(&'static str),
    Invalid(&'static str),
    Unknown,
}

impl RevalidateError {
    pub(super) fn new(
        revalidation: &Revalidation,
        caller: Caller,
        kind: RevalidateErrorKind,
    ) -> Self {
        let (function, argument) = match &revalidation.subject {
            Subject::Path(path) => ("revalidate_path", path),
            Subject::Tag(tag) => ("revalidate_tag", tag),
        };
        let shown: String = argument.chars().take(40).collect();
        Self { call: format!("{function}({shown:?})"), caller, kind }
    }

    /// Returns whether the caller renders: it is a component or a metadata function.
    #[must_use]
    pub fn is_in_render(&self) -> bool {
        matches!(self.kind, RevalidateErrorKind::InRender(_))
    }

    /// Returns whether what was given is no path or tag that a page can have.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.kind, RevalidateErrorKind::Invalid(_))
    }

    /// Returns whether no site of the process has a page at the path.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, RevalidateErrorKind::Unknown)
    }
}

impl fmt::Display for RevalidateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, caller, kind } = self;
        write!(f, "`{call}` at {caller} revalidated nothing: ")?;
        match kind {
            RevalidateErrorKind::InRender(component) => write!(
                f,
                "it runs while `{component}` renders, which might render for ever; call it in a \
                 `route` or `server_fn`, or in a task: `after(|| {call})`"
            ),
            RevalidateErrorKind::Invalid(fault) => f.write_str(fault),
            RevalidateErrorKind::Unknown => f.write_str(
                "no site has a page there; give the path that a client asks for, or that of the \
                 page's description, and tell a site that is nested by \
                 `SiteBuilder::nested_under`",
            ),
        }?;
        f.write_str(MORE)
    }
}

impl Error for RevalidateError {}
