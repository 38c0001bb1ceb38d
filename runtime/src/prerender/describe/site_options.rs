//! What is said of a site as a whole.

use std::{borrow::Cow, panic::Location, path::PathBuf, sync::Arc, time::Duration};

use super::{Revalidation, SiteBuilder};
use crate::work::TaskFailure;

impl<P> SiteBuilder<P> {
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

    /// Tells `observer` of the renders of the build, and of each revalidation.
    ///
    /// Renders while the site is in use are told to the observers of the platform that runs them.
    /// See the [module docs](crate::observe).
    #[cfg(feature = "observe")]
    pub fn observe(self, observer: impl crate::observe::Observer) -> Self {
        self.options.observers.add(Box::new(observer));
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
}
