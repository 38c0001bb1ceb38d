//! A site that was built.

use std::{fmt, sync::Arc};

use super::BuildReport;
use crate::prerender::{NoPage, SiteBuilder, keep::Store};

/// Pages that were rendered, and are rendered again when they are revalidated.
///
/// A cheap handle: clones stand for the same pages. It is a [tower service](tower_service::Service)
/// for any request, and converts into an axum `Router`, which [`merge`] takes as it is. Put an
/// [`AfterLayer`](crate::AfterLayer) around it: dynamic pages and holes read the request from its
/// scope, and revalidations live on its platform.
///
/// It answers GET and HEAD. A static page without holes carries an `ETag`, so that a client which
/// has it gets a 304, and tells shared caches by `s-maxage` and `stale-while-revalidate` for how
/// long they may use it: "not found" for a minute, an error not at all. What is rendered for one
/// request is `private, no-store`.
///
/// See the [module docs](crate::prerender) for an example.
///
/// [`merge`]: https://docs.rs/axum/latest/axum/struct.Router.html#method.merge
#[derive(Clone)]
pub struct Site {
    shared: Arc<Shared>,
}

/// In one place, since servers clone the site for each request.
struct Shared {
    store: Arc<Store>,
    report: BuildReport,
}

impl Site {
    /// Starts the description of a site.
    pub fn builder() -> SiteBuilder<NoPage> {
        SiteBuilder::new()
    }

    /// Returns what the build found.
    #[must_use]
    pub fn report(&self) -> &BuildReport {
        &self.shared.report
    }

    pub(super) fn new(store: Arc<Store>, report: BuildReport) -> Self {
        Self { shared: Arc::new(Shared { store, report }) }
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.shared.store
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("store", self.store()).finish_non_exhaustive()
    }
}
