//! The build of a site.

mod check;
mod first_render;
mod interrupted;
mod report;
mod site;

use std::{num::NonZero, sync::Arc, thread::available_parallelism};

use futures_util::{StreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use self::{
    check::{Described, check},
    first_render::{Built, first_render},
};
pub use self::{
    report::{BuildReport, PageReport},
    site::Site,
};
use super::{
    BuildError, SiteBuilder,
    keep::{Entry, Store, add_site},
};

/// How many pages are rendered side by side at least: they may wait.
const CONCURRENT: usize = 16;

impl<P> SiteBuilder<P> {
    /// Renders every page once, runs the tasks of the static ones, and returns the site.
    ///
    /// On a runtime of several threads pages are rendered on all of them. On a terminal a progress
    /// bar is shown.
    ///
    /// As process 1 of a container, where a signal would otherwise do nothing, SIGTERM and SIGINT
    /// end the build with an error. To end it by other means, drop the future:
    ///
    /// ```
    /// # async fn index() -> &'static str { "" }
    /// # async fn stopped() { std::future::pending().await }
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use with_after::prerender::Site;
    ///
    /// let site = tokio::select! {
    ///     site = Site::builder().page("/", index).build() => site?,
    ///     () = stopped() => return Ok(()),
    /// };
    /// # Ok(())
    /// # }
    /// ```
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
        let building = self.render_all();
        interrupted::unless_interrupted(building)
            .await
            .unwrap_or_else(|| Err(BuildError::interrupted()))
    }

    async fn render_all(self) -> Result<Site, BuildError> {
        let begun = Instant::now();
        let Described { families, entries, options } = check(self.pages, self.options)?;
        let store = Arc::new(Store::new(families, &entries, options));
        // Before the first render, whose tasks may revalidate.
        add_site(&store);

        let progress = Progress::new(entries.len());
        let renders = entries.into_iter().map(|entry| {
            let progress = &progress;
            let render = anywhere(entry, Arc::clone(&store));
            async move {
                let built = render.await;
                progress.bar.inc(1);
                built
            }
        });
        let cores = available_parallelism().map_or(1, NonZero::get);
        let all: Vec<Built> =
            stream::iter(renders).buffered(CONCURRENT.max(2 * cores)).collect().await;
        drop(progress);

        let (mut pages, mut problems) = (Vec::with_capacity(all.len()), Vec::new());
        for built in all {
            pages.push(built.report);
            problems.extend(built.problems);
        }
        BuildError::check(problems)?;
        Ok(Site::new(store, BuildReport { pages, elapsed: begun.elapsed() }))
    }
}

/// Renders a page, on another thread if there are several: what blocks one leaves the others.
async fn anywhere(entry: Arc<Entry>, store: Arc<Store>) -> Built {
    let several = Handle::try_current()
        .is_ok_and(|handle| handle.runtime_flavor() != RuntimeFlavor::CurrentThread);
    if !several {
        return first_render(&entry, &store.options).await;
    }
    let rendered = {
        let entry = Arc::clone(&entry);
        async move { first_render(&entry, &store.options).await }
    };
    let rendered = AbortOnDropHandle::new(tokio::spawn(rendered.in_current_span()));
    rendered.await.unwrap_or_else(|error| Built::lost(&entry, &error))
}

/// A bar that is not drawn where there is no terminal.
struct Progress {
    bar: ProgressBar,
}

impl Progress {
    fn new(pages: usize) -> Self {
        let bar = ProgressBar::new(pages as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}") {
            bar.set_style(style);
        }
        Self { bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
