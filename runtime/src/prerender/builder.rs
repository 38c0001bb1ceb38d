//! The description of a site.

use std::{borrow::Cow, fmt, marker::PhantomData, panic::Location, sync::Arc, time::Duration};

use super::{
    BuildError, IntoPage, Params, Site, build,
    describe::Described,
    page::{Component, Rendering},
    suspense::ComponentFuture,
};
use crate::{error::Caller, host::OnFailure, work::TaskFailure};

/// What a render may take, and a task that says nothing else: Next's `staticPageGenerationTimeout`.
const MAX_DURATION: Duration = Duration::from_secs(60);

/// What the pages of unlisted parameters may take: Next's `cacheMaxMemorySize`.
const PARAM_CACHE: u64 = 50 * 1024 * 1024;

/// The description of a [`Site`], made by [`Site::builder`].
///
/// `P` says whether there is a last page, to which
/// [`revalidate_after`](SiteBuilder::revalidate_after) and its like apply.
#[must_use = "a description does nothing until it is built"]
pub struct SiteBuilder<P> {
    pub(super) pages: Vec<Described>,
    pub(super) options: Options,
    last: PhantomData<P>,
}

/// No page was added so far.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum NoPage {}

/// A page was added, to which options can be given.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum OnPage {}

/// What holds for all pages.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) max_duration: Duration,
    pub(super) error_fallback: Cow<'static, str>,
    pub(super) param_cache: u64,
    pub(super) on_failure: Option<OnFailure>,
}

impl SiteBuilder<NoPage> {
    pub(super) fn new() -> Self {
        let options = Options {
            max_duration: MAX_DURATION,
            error_fallback: Cow::Borrowed("This part of the page cannot be shown."),
            param_cache: PARAM_CACHE,
            on_failure: None,
        };
        Self { pages: Vec::new(), options, last: PhantomData }
    }
}

impl<P> SiteBuilder<P> {
    /// Adds the page at `path`: a `component` function without arguments.
    #[track_caller]
    pub fn page<C, F, M>(self, path: impl Into<String>, component: C) -> SiteBuilder<OnPage>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output: IntoPage<M>> + Send + 'static,
    {
        let component = move |_: &Params| in_box(component());
        self.describe(path.into(), Arc::new(component), None, Location::caller())
    }

    /// Adds the pages at a path with parameters, such as `/blog/{slug}`: a `component` function
    /// that takes [`Params`].
    ///
    /// Those in `list` are rendered at build. Others are rendered when they are first asked for,
    /// and kept within the limits of [`param_cache`](Self::param_cache); let the component answer
    /// [`not_found()`](crate::not_found()) for parameters that it does not know.
    ///
    /// # Examples
    ///
    /// ```
    /// use with_after::{Interrupt, not_found, prerender::{Params, Site}, with_after};
    ///
    /// #[with_after(component)]
    /// async fn post(params: Params) -> Result<String, Interrupt> {
    ///     match params.get("slug") {
    ///         Some("hello") => Ok("<h1>Hello</h1>".to_owned()),
    ///         _ => Err(not_found()),
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), with_after::prerender::BuildError> {
    /// let site = Site::builder()
    ///     .page_with("/blog/{slug}", post, [[("slug", "hello")]])
    ///     .build()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn page_with<C, F, M>(
        self,
        path: impl Into<String>,
        component: C,
        list: impl IntoIterator<Item = impl Into<Params>>,
    ) -> SiteBuilder<OnPage>
    where
        C: Fn(Params) -> F + Send + Sync + 'static,
        F: Future<Output: IntoPage<M>> + Send + 'static,
    {
        let component = move |params: &Params| in_box(component(params.clone()));
        let listed = list.into_iter().map(Into::into).collect();
        self.describe(path.into(), Arc::new(component), Some(listed), Location::caller())
    }

    /// Limits how long a render without a request, or that of a [hole](super::suspense()), may
    /// take, and how long the tasks of a static page may run: 60 seconds by default.
    ///
    /// The `max_duration` of an annotated function wins for its tasks, and for its render if that
    /// is no hole. What blocks its thread cannot be cut.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.options.max_duration = max_duration;
        self
    }

    /// Shows `html` in a hole that cannot be filled, instead of a general sentence.
    pub fn error_fallback(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.options.error_fallback = html.into();
        self
    }

    /// Limits the memory for pages whose parameters were in no list, 50 MiB by default: those that
    /// were not asked for the longest are dropped.
    pub fn param_cache(mut self, bytes: u64) -> Self {
        self.options.param_cache = bytes;
        self
    }

    /// Calls `hook` with each failed revalidation, and with each failed task of a revalidated page.
    /// Without it the hook of the [`AfterLayer`](crate::AfterLayer) is called.
    pub fn on_failure(mut self, hook: impl Fn(&TaskFailure) + Send + Sync + 'static) -> Self {
        self.options.on_failure = Some(Arc::new(hook));
        self
    }

    /// Renders every page once, runs the tasks of the static ones, and returns the site.
    ///
    /// On a terminal a progress bar is shown.
    ///
    /// # Errors
    ///
    /// Returns all problems at once: those of the descriptions before anything is rendered, then
    /// those of renders and tasks.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the build. The tasks of renders that are finished run on
    /// [`platform::in_process()`](crate::platform::in_process()).
    ///
    /// # Panics
    ///
    /// Panics where a page or a task has to wait and no tokio runtime with enabled time is running.
    pub async fn build(self) -> Result<Site, BuildError> {
        let Self { pages, options, .. } = self;
        build::build(pages, options).await
    }

    fn describe(
        self,
        path: String,
        component: Component,
        listed: Option<Vec<Params>>,
        location: Caller,
    ) -> SiteBuilder<OnPage> {
        let Self { mut pages, options, .. } = self;
        pages.push(Described {
            path,
            location,
            listed,
            component,
            rendering: Rendering::Found,
            revalidate_after: None,
            tags: Vec::new(),
        });
        SiteBuilder { pages, options, last: PhantomData }
    }
}

impl SiteBuilder<OnPage> {
    /// Renders the last page anew when it is older than `age`: the request that finds it so gets
    /// the old one at once.
    pub fn revalidate_after(self, age: Duration) -> Self {
        self.change(|page| page.revalidate_after = Some(age))
    }

    /// Gives the last page tags, by which [`revalidate_tag`](crate::revalidate_tag()) finds it.
    pub fn tags<T: Into<Cow<'static, str>>>(self, tags: impl IntoIterator<Item = T>) -> Self {
        self.change(|page| page.tags.extend(tags.into_iter().map(Into::into)))
    }

    /// Renders the last page for each request, whatever it asks for.
    pub fn force_dynamic(self) -> Self {
        self.change(|page| page.rendering = Rendering::Dynamic)
    }

    /// Fails the build, or the revalidation, if the last page turns out dynamic. It may have
    /// [holes](super::suspense()).
    pub fn require_static(self) -> Self {
        self.change(|page| page.rendering = Rendering::Static)
    }

    fn change(mut self, change: impl FnOnce(&mut Described)) -> Self {
        // Only `describe` makes this type, when it has added a page.
        self.pages.last_mut().map(change);
        self
    }
}

fn in_box<F, M>(future: F) -> ComponentFuture
where
    F: Future<Output: IntoPage<M>> + Send + 'static,
{
    Box::pin(async move { future.await.into_page() })
}

impl<P> fmt::Debug for SiteBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.pages.iter().map(|page| &page.path).collect();
        f.debug_struct("SiteBuilder").field("pages", &paths).finish_non_exhaustive()
    }
}
