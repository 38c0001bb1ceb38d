//! The description of a site.

use std::{borrow::Cow, fmt, marker::PhantomData, panic::Location, sync::Arc, time::Duration};

use super::{
    Component, IntoPage, Params, Rendering,
    check::{Described, Place},
    in_box,
    options::Options,
};

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
    /// Adds the page at `path`: a `component` function, or a closure that calls one.
    ///
    /// What the page needs of the application's state, the closure captures:
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
