//! What a user said of a page, and what is wrong with it.

use std::{borrow::Cow, sync::Arc, time::Duration};

use super::{
    Params,
    error::{Problem, ProblemKind},
    page::{Component, Page, Rendering},
    path::Pattern,
};
use crate::error::Caller;

/// Next's limit.
const MAX_TAG: usize = 256;

/// What a user said of a page.
pub(super) struct Described {
    pub(super) path: String,
    pub(super) location: Caller,
    /// `None` for a page without parameters.
    pub(super) listed: Option<Vec<Params>>,
    pub(super) component: Component,
    pub(super) rendering: Rendering,
    pub(super) revalidate_after: Option<Duration>,
    pub(super) tags: Vec<Cow<'static, str>>,
}

/// A description without a fault.
pub(super) struct Checked {
    pub(super) page: Arc<Page>,
    /// The listed parameters, each with its canonical path.
    pub(super) listed: Vec<(String, Params)>,
}

impl Described {
    /// Checks the description; an error says all that is wrong with it.
    pub(super) fn check(self) -> Result<Checked, Vec<Problem>> {
        let Self { path, location, listed, component, rendering, revalidate_after, tags } = self;
        let pattern =
            Pattern::parse(&path).and_then(|pattern| match (&listed, pattern.has_params()) {
                (None, true) => Err("the path has parameters: add it by `page_with`".to_owned()),
                (Some(_), false) => Err("the path has no parameters: add it by `page`".to_owned()),
                _ => Ok(pattern),
            });
        let mut faults: Vec<_> = tags.iter().filter_map(|tag| tag_fault(tag)).collect();
        let filled = pattern.map(|pattern| {
            let listed = listed.unwrap_or_else(|| vec![Params::default()]);
            let filled = listed.into_iter().filter_map(|params| match pattern.fill(&params) {
                Ok(path) => Some((path, params)),
                Err(fault) => {
                    faults.push(fault);
                    None
                }
            });
            (filled.collect::<Vec<_>>(), pattern)
        });
        match filled {
            Ok((filled, pattern)) if faults.is_empty() => {
                let page = Page { pattern, location, component, rendering, revalidate_after, tags };
                Ok(Checked { page: Arc::new(page), listed: filled })
            }
            filled => {
                faults.extend(filled.err());
                let kinds = faults.into_iter().map(ProblemKind::Description);
                Err(kinds.map(|kind| Problem { path: path.clone(), location, kind }).collect())
            }
        }
    }
}

/// Says what keeps `tag` from being one.
pub(super) fn tag_fault(tag: &str) -> Option<String> {
    match tag.len() {
        0 => Some("a tag is empty".to_owned()),
        1..=MAX_TAG => None,
        len => Some(format!("a tag is {len} bytes long, more than {MAX_TAG}")),
    }
}
