//! Revalidation by path and by tag.

mod error;
mod handle;

use std::{panic::Location, sync::Arc};

use self::error::RevalidateErrorKind;
pub use self::{error::RevalidateError, handle::SiteHandle};
use super::{
    Revalidation,
    describe::{Subject, canonical, tag_fault},
    keep::{Store, sites},
};
#[cfg(feature = "observe")]
use crate::host::Event;
use crate::{
    error::Caller,
    net::contain,
    place::{self, Place},
};

/// Lets the page at `path` be rendered anew: the next request for it waits for that one render.
///
/// `path` is what a client asks for (`/blog/hello`), in any spelling, also with a query; under a
/// prefix, if the site is told of it by
/// [`nested_under`](crate::prerender::SiteBuilder::nested_under). The path of a page with parameters
/// as it was described (`/blog/{slug}`, whatever the parameter is called) means all of its pages.
/// It applies to every [`Site`](crate::prerender::Site) of the process.
///
/// Call it in handlers, server functions, and tasks of any kind. It costs a look-up, whatever the
/// number of pages. To serve the old page meanwhile see
/// [`Revalidation::serving_stale`](crate::prerender::Revalidation::serving_stale).
///
/// # Errors
///
/// Returns an error while a component or a metadata function renders, for what is no path, and for
/// a path at which no site has a page.
///
/// # Examples
///
/// ```
/// use with_after::{after, revalidate_path, with_after};
///
/// #[with_after(route)]
/// async fn publish() -> &'static str {
///     after(|| revalidate_path("/blog/hello"));
///     "published"
/// }
/// ```
#[track_caller]
pub fn revalidate_path(path: &str) -> Result<(), RevalidateError> {
    Revalidation::path(path).apply()
}

/// Lets every page with this tag be rendered anew: the next request for each waits for that one
/// render.
///
/// It applies to every [`Site`](crate::prerender::Site) of the process; a tag that no page has is
/// no error.
///
/// Call it in handlers, server functions, and tasks of any kind. It costs a look-up, whatever the
/// number of pages.
///
/// # Errors
///
/// Returns an error while a component or a metadata function renders, and for what is no tag.
///
/// # Examples
///
/// ```
/// use with_after::{after, revalidate_tag, with_after};
///
/// #[with_after(server_fn)]
/// async fn comment() -> &'static str {
///     after(|| revalidate_tag("posts"));
///     "thank you"
/// }
/// ```
#[track_caller]
pub fn revalidate_tag(tag: &str) -> Result<(), RevalidateError> {
    Revalidation::tag(tag).apply()
}

impl Revalidation {
    /// Applies it to every [`Site`](crate::prerender::Site) of the process, and tells the hooks of
    /// those that have such a page.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`revalidate_path`](crate::revalidate_path()) and
    /// [`revalidate_tag`](crate::revalidate_tag()).
    #[track_caller]
    pub fn apply(&self) -> Result<(), RevalidateError> {
        let caller = Location::caller();
        let refused = |kind| Err(RevalidateError::new(self, caller, kind));
        if let Place::Handler(Some(handler)) = place::current() {
            if handler.kind.renders() {
                return refused(RevalidateErrorKind::InRender(handler.name));
            }
        }
        self.check(caller)?;
        let found: Vec<_> = sites().into_iter().filter(|site| self.apply_to(site)).collect();
        if found.is_empty() && self.as_path().is_some() {
            return refused(RevalidateErrorKind::Unknown);
        }
        // When all pages have been told: a hook may be fast.
        for site in found {
            self.observed(&site, caller);
            self.tell(&site);
        }
        Ok(())
    }

    fn check(&self, caller: Caller) -> Result<(), RevalidateError> {
        let fault = match &self.subject {
            Subject::Path(path) => canonical(path.split(['?', '#']).next().unwrap_or_default())
                .is_none()
                .then_some("a path begins with `/` and holds UTF-8"),
            Subject::Tag(tag) => tag_fault(tag).map(|_| "a tag is 1 to 256 bytes long"),
        };
        fault.map_or(Ok(()), |fault| {
            Err(RevalidateError::new(self, caller, RevalidateErrorKind::Invalid(fault)))
        })
    }

    fn apply_to(&self, site: &Arc<Store>) -> bool {
        site.revalidate(&self.subject, self.stale)
    }

    #[cfg(feature = "observe")]
    fn observed(&self, site: &Store, location: Caller) {
        if let Some(observer) = site.options.observers.any() {
            let pages = self.to_string();
            observer.event(&Event::Revalidated { pages: &pages, location });
        }
    }

    #[cfg(not(feature = "observe"))]
    #[expect(clippy::unused_self, reason = "it is used where it can be observed")]
    fn observed(&self, _: &Store, _: Caller) {}

    fn tell(&self, site: &Store) {
        let Some(hook) = &site.options.on_revalidate else { return };
        if let Err(panic) = contain(|| hook(self)) {
            tracing::error!(target: "with_after", panic, revalidation = %self, "the `on_revalidate` hook panicked (see with_after::guide::troubleshooting)");
        }
    }
}
