//! A site that was built.

use std::{borrow::Cow, collections::HashMap, fmt, sync::Arc};

use moka::{policy::EvictionPolicy, sync::Cache};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, Span};

use super::{
    BuildReport, SiteBuilder,
    builder::{NoPage, Options},
    entry::{Entry, Flight},
    page::Page,
    path,
    render::{Kept, render},
};
use crate::{
    connection,
    error::BoxError,
    host::{Hosting, Policy},
    platform, scope,
    work::{IntoTask as _, Options as TaskOptions},
};

/// Pages that were rendered, and are rendered again when they are revalidated.
///
/// A cheap handle: clones stand for the same pages. It is a [tower service](tower_service::Service)
/// for any request, and converts into an axum `Router`, which [`merge`] takes as it is. Put an
/// [`AfterLayer`](crate::AfterLayer) around it: dynamic pages and holes read the request from its
/// scope, and revalidations live on its platform.
///
/// It answers GET and HEAD. A static page without holes carries an `ETag`, so that a client which
/// has it gets a 304, and tells shared caches by `s-maxage` and `stale-while-revalidate` for how
/// long they may use it. What is rendered for one request is `private, no-store`.
///
/// See the [module docs](super) for an example.
///
/// [`merge`]: https://docs.rs/axum/latest/axum/struct.Router.html#method.merge
#[derive(Clone)]
pub struct Site {
    pub(super) shared: Arc<Shared>,
    report: Arc<BuildReport>,
}

pub(super) struct Shared {
    /// The most exact pattern first.
    pub(super) pages: Vec<Arc<Page>>,
    /// By canonical path: the pages without parameters, and those that were listed.
    pub(super) built: HashMap<String, Arc<Entry>>,
    /// The pages of other parameters.
    on_demand: Cache<String, Arc<Entry>>,
    pub(super) options: Options,
}

impl Site {
    /// Starts the description of a site.
    pub fn builder() -> SiteBuilder<NoPage> {
        SiteBuilder::new()
    }

    /// Returns what the build found.
    #[must_use]
    pub fn report(&self) -> &BuildReport {
        &self.report
    }

    pub(super) fn new(shared: Arc<Shared>, report: BuildReport) -> Self {
        Self { shared, report: Arc::new(report) }
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("pages", &self.shared.pages).finish_non_exhaustive()
    }
}

/// What an entry takes beside its text.
const OVERHEAD: usize = 1024;

impl Shared {
    pub(super) fn new(
        mut pages: Vec<Arc<Page>>,
        built: HashMap<String, Arc<Entry>>,
        options: Options,
    ) -> Self {
        pages.sort_by_key(|page| page.pattern.precedence());
        let weight = |path: &String, entry: &Arc<Entry>| {
            let text = entry.kept().map_or(0, |kept| kept.len());
            u32::try_from(OVERHEAD + 2 * path.len() + text).unwrap_or(u32::MAX)
        };
        let on_demand = Cache::builder()
            .max_capacity(options.param_cache)
            .weigher(weight)
            // The other policy may turn away a new page while it is rendered.
            .eviction_policy(EvictionPolicy::lru())
            .build();
        Self { pages, built, on_demand, options }
    }

    /// Finds the page at the path of a request.
    pub(super) fn find(&self, path: &str) -> Option<Arc<Entry>> {
        let path = path::canonical(path)?;
        if let Some(entry) = self.built.get(&path) {
            return Some(Arc::clone(entry));
        }
        let found = |page: &Arc<Page>| Some((Arc::clone(page), page.pattern.matches(&path)?));
        let (page, params) = self.pages.iter().find_map(found)?;
        let entry = || Arc::new(Entry::new(page, path.clone(), params));
        Some(self.on_demand.get_with_by_ref(&path, entry))
    }

    /// Returns all pages at all paths that are known.
    pub(super) fn entries(&self) -> impl Iterator<Item = Arc<Entry>> {
        let on_demand = self.on_demand.iter().map(|(_, entry)| entry);
        self.built.values().cloned().chain(on_demand)
    }

    /// Begins the render of a page while the site is in use, as work of its own.
    ///
    /// It runs at once, whoever goes away meanwhile; the platform keeps the process alive for it,
    /// and is left to run the tasks of the page when the render is finished.
    pub(super) fn start(self: &Arc<Self>, flight: Flight) {
        let entry = Arc::clone(flight.entry());
        let policy = self.policy();
        // No child of the request's span, which would stay open for it.
        let span =
            tracing::info_span!(target: "with_after", parent: None, "prerender", path = entry.path);
        span.follows_from(Span::current());
        let renders = Arc::clone(self).render(flight, policy.clone()).instrument(span);
        let render = AbortOnDropHandle::new(tokio::spawn(renders));
        let task = async move { render.await? };
        let name = Cow::from(format!("render {}", entry.path)).into();
        let options = TaskOptions { name: Some(name), ..TaskOptions::default() };
        let policy = Policy { max_duration: None, ..policy };
        if let Err(error) =
            connection::detach(policy, |seed| task.into_task(seed), &options, entry.page.location)
        {
            // The render was dropped with its handle.
            tracing::error!(target: "with_after", path = entry.path, "a page was not rendered: {error}");
        }
    }

    async fn render(self: Arc<Self>, flight: Flight, policy: Policy) -> Result<(), BoxError> {
        let entry = Arc::clone(flight.entry());
        let (kept, rendered) = render(&entry.page, &entry.path, &entry.params, policy).await;
        let failure = match kept {
            Ok(kept) => {
                if let Kept::Dynamic(dynamic) = &kept {
                    tracing::debug!(target: "with_after", path = entry.path, %dynamic, "the page is dynamic");
                }
                flight.land(kept);
                self.weigh(&entry);
                None
            }
            Err(cause) => {
                drop(flight);
                Some(cause)
            }
        };
        rendered.finish();
        failure
            .map_or(Ok(()), |cause| Err(format!("the render of `{}` {cause}", entry.path).into()))
    }

    /// Tells the cache how large a page has become.
    fn weigh(&self, entry: &Arc<Entry>) {
        if self.on_demand.contains_key(&entry.path) {
            self.on_demand.insert(entry.path.clone(), Arc::clone(entry));
            // Else others would be dropped only now and then.
            self.on_demand.run_pending_tasks();
        }
    }

    /// Returns what holds for the tasks of a page that is rendered while the site is in use.
    fn policy(&self) -> Policy {
        let Options { max_duration, on_failure, .. } = &self.options;
        let outer = scope::current().map(|scope| scope.detached_policy());
        let (hosting, others) = match outer {
            Some(Policy { hosting, on_failure, .. }) => (hosting, on_failure),
            None => (Hosting::Announced { otherwise: platform::shared }, None),
        };
        let on_failure = on_failure.clone().or(others);
        Policy { max_duration: Some(*max_duration), on_failure, ..Policy::new(hosting) }
    }
}
