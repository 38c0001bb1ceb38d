//! Revalidations from elsewhere.

use std::{
    fmt,
    panic::Location,
    sync::{Arc, Weak},
};

use super::{RevalidateError, RevalidateErrorKind};
use crate::prerender::{Revalidation, Site, keep::Store};

/// Takes revalidations from other machines: see [`Site::handle`].
#[derive(Clone)]
pub struct SiteHandle {
    store: Weak<Store>,
}

impl Site {
    /// Returns what takes revalidations that were asked for elsewhere, for this site alone.
    ///
    /// It does not keep the site alive. See the [module docs](crate::prerender#many-machines).
    #[must_use]
    pub fn handle(&self) -> SiteHandle {
        SiteHandle { store: Arc::downgrade(self.store()) }
    }
}

impl SiteHandle {
    /// Lets what is meant be rendered anew, and tells no hook of it.
    ///
    /// Nothing happens if the site is gone.
    ///
    /// # Errors
    ///
    /// Returns an error for what is no path or tag, and for a path at which the site has no page.
    #[track_caller]
    pub fn revalidate(&self, revalidation: &Revalidation) -> Result<(), RevalidateError> {
        let caller = Location::caller();
        revalidation.check(caller)?;
        let Some(store) = self.store.upgrade() else { return Ok(()) };
        let found = revalidation.apply_to(&store);
        if found {
            revalidation.observed(&store, caller);
        }
        if !found && revalidation.as_path().is_some() {
            return Err(RevalidateError::new(revalidation, caller, RevalidateErrorKind::Unknown));
        }
        Ok(())
    }

    /// Lets all pages be rendered anew, as after a time in which nothing could be heard of others.
    /// Until each is, its old page is served.
    pub fn revalidate_all(&self) {
        if let Some(store) = self.store.upgrade() {
            store.revalidate_all();
        }
    }
}

impl fmt::Debug for SiteHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SiteHandle").field("site", &self.store.upgrade()).finish()
    }
}
