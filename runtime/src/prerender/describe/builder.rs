//! The description of a site.

use std::{
    borrow::Cow, fmt, marker::PhantomData, panic::Location, path::PathBuf, sync::Arc,
    time::Duration,
};

use super::{
    Component, IntoPage, Params, Rendering, Revalidation,
    check::{Described, Place},
    in_box,
    options::Options,
};
use crate::work::TaskFailure;

/// The description of a [`Site`](crate::prerender::Site), made by
/// [`Site::builder`](crate::prerender::Site::builder).
///
/// `P` says whether there is a last page, to which
/// [`revalidate_after`](SiteBuilder::revalidate_after) and its like apply.
#[must_use = "a description does nothing until it is built"]
pub struct SiteBuilder<P> {
    pub(crate) pages: Vec<Described>,
    pub(crate) options: Options,
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

impl SiteBuilder<NoPage> {
    pub(crate) fn new() -> Self {
        Self { pages: Vec::new(), options: Options::default(), last: PhantomData }
    }
}

impl<P> SiteBuilder<P> {
    /// Adds the page at `path`: a `component` function without arguments.
    ///
    /// What it needs of the application's state it captures:
    ///
    /// ```
    /// use std::sync::Arc;
    /// use with_after::{prerender::Site, with_after};
    ///
    /// # struct Db;
    /// # impl Db { async fn count(&self) -> usize { 3 } }
    /// #[with_after(component)]
    /// async fn index(db: Arc<Db>) -> String {
    ///     format!("<p>{} posts</p>", db.count().await)
    /// }
    ///
    /// # fn describe(db: Arc<Db>) {
    /// let site = Site::builder().page("/", move || index(Arc::clone(&db)));
    /// # drop(site);
    /// # }
    /// ```
    #[track_caller]
    pub fn page<C, F, M>(self, path: impl Into<String>, component: C) -> SiteBuilder<OnPage>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output: IntoPage<M>> + Send + 'static,
    {
        self.describe(Place::Path(path.into()), without_params(component), Location::caller())
    }

    /// Adds the pages at a path with parameters, such as `/blog/{slug}`: a `component` function
    /// that takes [`Params`]. The last one may be a catch-all, as in `/docs/{*path}`, which takes
    /// the rest of the path, one segment or more.
    ///
    /// Those in `list` are rendered at build. Others are rendered when they are first asked for,
    /// and kept within the limits of [`param_cache`](Self::param_cache); let the component answer
    /// [`not_found()`](crate::not_found()) for parameters that it does not know, or refuse all
    /// others by [`only_listed`](SiteBuilder::only_listed).
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
        let place = Place::Listed(path.into(), listed);
        self.describe(place, Arc::new(component), Location::caller())
    }

    /// Shows this page, with the status 404, to those who ask for what is not there: an unknown
    /// path, refused parameters, a page that answers [`not_found()`](crate::not_found()).
    ///
    /// It is a page like any other: static unless it asks for the request, it may have
    /// [holes](crate::prerender::suspense()), an age and tags. Exported it is `404.html`.
    #[track_caller]
    pub fn not_found_page<C, F, M>(self, component: C) -> SiteBuilder<OnPage>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output: IntoPage<M>> + Send + 'static,
    {
        self.describe(Place::NotFound, without_params(component), Location::caller())
    }

    /// Shows this page, with the status 500 (or 503, where more pages are to be rendered than may
    /// be), to those whose page failed and of which nothing older is kept.
    ///
    /// It is a page as [`not_found_page`](Self::not_found_page) is. Exported it is `500.html`.
    #[track_caller]
    pub fn error_page<C, F, M>(self, component: C) -> SiteBuilder<OnPage>
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output: IntoPage<M>> + Send + 'static,
    {
        self.describe(Place::Error, without_params(component), Location::caller())
    }

    /// Limits how long a render without a request, or that of a
    /// [hole](crate::prerender::suspense()), may take, and how long the tasks of a static page may
    /// run: 60 seconds by default.
    ///
    /// The `max_duration` of an annotated function wins for its tasks, and for its render if that
    /// is no hole. What blocks its thread cannot be cut.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.options.max_duration = max_duration;
        self
    }

    /// Shows `html` in a hole that cannot be filled, instead of a general sentence.
    pub fn error_fallback(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.options.error_fallback = match html.into() {
            Cow::Borrowed(html) => html.into(),
            Cow::Owned(html) => html.into(),
        };
        self
    }

    /// Limits the memory for pages whose parameters were in no list, 50 MiB by default: those that
    /// were not asked for the longest are dropped.
    ///
    /// A page counts with its text, with what it takes to keep it, and with the size of what its
    /// holes captured. What that points to nobody can see: let a hole capture the number of a
    /// product and not its pictures, or tell by [`Suspense::holding`] how much it is.
    ///
    /// What is not there ([`not_found()`](crate::not_found())) is remembered for a minute, within
    /// a sixteenth of the limit, and takes no page's place.
    ///
    /// [`Suspense::holding`]: crate::prerender::Suspense::holding
    pub fn param_cache(mut self, bytes: u64) -> Self {
        self.options.param_cache = bytes;
        self
    }

    /// Limits how many pages are rendered side by side while the site is in use, 64 by default.
    ///
    /// Sixteen times as many wait for their turn; beyond that an old page is served if there is
    /// one, else the answer is 503 with `Retry-After`. Renders for one request, of dynamic pages
    /// and holes, do not count.
    ///
    /// # Panics
    ///
    /// Panics if `renders` is zero.
    pub fn max_renders(mut self, renders: usize) -> Self {
        assert!(renders > 0, "a site without renders would serve nothing");
        self.options.max_renders = renders;
        self
    }

    /// Calls `hook` with each failed revalidation, each failed task of a revalidated page, and each
    /// failure of a dynamic page or a hole. Without it the hook of the
    /// [`AfterLayer`](crate::AfterLayer) is called.
    pub fn on_failure(mut self, hook: impl Fn(&TaskFailure) + Send + Sync + 'static) -> Self {
        self.options.on_failure = Some(Arc::new(hook));
        self
    }

    /// Calls `hook` with each revalidation that was asked for in this process, to be told to
    /// others: see the [module docs](crate::prerender#many-machines).
    ///
    /// It is called where the revalidation is asked for, when the pages of this process have been
    /// told, and must not wait. What comes through [`Site::handle`] it is not told.
    ///
    /// [`Site::handle`]: crate::prerender::Site::handle
    pub fn on_revalidate(mut self, hook: impl Fn(&Revalidation) + Send + Sync + 'static) -> Self {
        self.options.on_revalidate = Some(Arc::new(hook));
        self
    }

    /// Says that the site is nested under `prefix`, as by `Router::nest("/shop", ..)`: so
    /// [`revalidate_path`](crate::revalidate_path()) takes the paths that clients ask for.
    ///
    /// What is wrong with the prefix fails the build.
    #[track_caller]
    pub fn nested_under(mut self, prefix: impl Into<String>) -> Self {
        self.options.nested_under = prefix.into();
        self.options.nested_at = Location::caller();
        self
    }

    /// Redirects a path that ends with a slash to the page without it, for good, as Next.js does.
    /// Without this there is no such page.
    pub fn redirect_trailing_slash(mut self) -> Self {
        self.options.redirect_trailing_slash = true;
        self
    }

    /// Begins with the pages that an earlier process has [exported] into `folder`, instead of
    /// rendering them: each is served as it is until its first visitor has it rendered anew.
    ///
    /// It is for HTML whose render takes long. A page without a file is rendered, as are those of
    /// other types; one that was taken over is not known to be dynamic before its next render.
    ///
    /// [exported]: crate::prerender::Site::export
    pub fn warm_start(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.warm_start = Some(folder.into());
        self
    }

    fn describe(
        self,
        place: Place,
        component: Component,
        location: &'static Location<'static>,
    ) -> SiteBuilder<OnPage> {
        let Self { mut pages, options, .. } = self;
        pages.push(Described {
            place,
            location,
            component,
            rendering: Rendering::Found,
            revalidate_after: None,
            tags: Vec::new(),
            only_listed: false,
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
    /// [holes](crate::prerender::suspense()).
    pub fn require_static(self) -> Self {
        self.change(|page| page.rendering = Rendering::Static)
    }

    /// Answers 404 for parameters of the last page that were not listed, without a render:
    /// `dynamicParams = false` in Next.js.
    pub fn only_listed(self) -> Self {
        self.change(|page| page.only_listed = true)
    }

    fn change(mut self, change: impl FnOnce(&mut Described)) -> Self {
        // Only `describe` makes this type, when it has added a page.
        self.pages.last_mut().map(change);
        self
    }
}

fn without_params<C, F, M>(component: C) -> Component
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output: IntoPage<M>> + Send + 'static,
{
    Arc::new(move |_: &Params| in_box(component()))
}

impl<P> fmt::Debug for SiteBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.pages.iter().map(|page| page.place.name()).collect();
        f.debug_struct("SiteBuilder").field("pages", &paths).finish_non_exhaustive()
    }
}
