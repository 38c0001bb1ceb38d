//! What is wrong with the description of a page.

use std::{borrow::Cow, time::Duration};

use super::{Component, Page, Params, Pattern, Rendering, Role, tag_fault};
use crate::{
    error::Caller,
    prerender::error::{Problem, ProblemKind},
};

/// What a user said of a page.
pub(crate) struct Described {
    pub(crate) place: Place,
    pub(crate) location: Caller,
    pub(crate) component: Component,
    pub(crate) rendering: Rendering,
    pub(crate) revalidate_after: Option<Duration>,
    pub(crate) tags: Vec<Cow<'static, str>>,
    pub(crate) only_listed: bool,
}

/// Where a user wants a page.
pub(crate) enum Place {
    Path(String),
    /// A path with parameters, of which these are rendered at build.
    Listed(String, Vec<Params>),
    NotFound,
    Error,
}

/// A description without a fault.
pub(crate) struct Checked {
    pub(crate) page: Page,
    /// The paths that are rendered at build, in canonical form.
    pub(crate) paths: Vec<String>,
}

impl Described {
    /// Checks the description; an error says all that is wrong with it.
    pub(crate) fn check(self) -> Result<Checked, Vec<Problem>> {
        let name = self.place.name().to_owned();
        let Self { place, location, component, rendering, revalidate_after, tags, only_listed } =
            self;
        let mut faults: Vec<_> = tags.iter().filter_map(|tag| tag_fault(tag)).collect();
        if only_listed && !matches!(place, Place::Listed(..)) {
            faults.push("it has no parameters that could be refused".to_owned());
        }
        match place.check(&mut faults) {
            Some((role, paths)) if faults.is_empty() => {
                let page = Page {
                    role,
                    location,
                    component,
                    rendering,
                    revalidate_after,
                    tags,
                    only_listed,
                };
                Ok(Checked { page, paths })
            }
            _ => {
                let kinds = faults.into_iter().map(ProblemKind::Description);
                Err(kinds.map(|kind| Problem { path: name.clone(), location, kind }).collect())
            }
        }
    }
}

impl Place {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Path(path) | Self::Listed(path, _) => path,
            Self::NotFound => "404",
            Self::Error => "500",
        }
    }

    /// Returns the page's role, and its paths at build.
    fn check(self, faults: &mut Vec<String>) -> Option<(Role, Vec<String>)> {
        let (path, listed) = match self {
            Self::NotFound => return Some((Role::NotFound, vec![Role::NotFound.to_string()])),
            Self::Error => return Some((Role::Error, vec![Role::Error.to_string()])),
            Self::Path(path) => (path, None),
            Self::Listed(path, listed) => (path, Some(listed)),
        };
        let pattern =
            Pattern::parse(&path).and_then(|pattern| match (&listed, pattern.has_params()) {
                (None, true) => Err("the path has parameters: add it by `page_with`".to_owned()),
                (Some(_), false) => Err("the path has no parameters: add it by `page`".to_owned()),
                _ => Ok(pattern),
            });
        let pattern = pattern.map_err(|fault| faults.push(fault)).ok()?;
        let listed = listed.unwrap_or_else(|| vec![Params::default()]);
        let filled = listed.iter().map(|params| pattern.fill(params));
        let paths = filled.filter_map(|path| path.map_err(|fault| faults.push(fault)).ok());
        let paths = paths.collect();
        Some((Role::At(pattern), paths))
    }
}
