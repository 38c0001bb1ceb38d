//! Holes in pages.

use std::{cell::RefCell, fmt, mem::size_of_val, panic::Location, sync::Arc};

use tokio::task_local;

use super::{Text, in_net, pieces::Holes};
use crate::{
    error::{BoxError, Caller},
    net::contain,
    prerender::describe::{ComponentFuture, IntoPage, in_box},
    work::Cause,
};

/// Leaves a hole in a page, which is filled for each request.
///
/// The rest of the page stays static. For a request it is sent as soon as `component` has to wait,
/// with `fallback` in the hole. `component` renders in the scope of the request, where it may read
/// cookies, headers and the query, and what it returns takes the fallback's place: a tiny script
/// moves it there. A
/// client that sends `Prefer: in-order` gets the page without script and fallback, each part in its
/// place, when it is ready. Several holes of a page render side by side, and may have holes
/// themselves, 16 deep and 10,000 a response.
///
/// What the component schedules runs after the response. If it fails, panics, or takes longer than
/// [`max_duration`], that is reported, to the hook too, and the [error fallback] is shown; the
/// other holes are spared. A [`redirect`](crate::redirect()) sends the browser there by a
/// `<meta http-equiv="refresh">`, since the status has been sent long ago.
/// [`not_found`](crate::not_found()) comes too late, and is a failure.
///
/// # Content
///
/// Both are HTML, taken as they are and escaped by nobody; with a type, status or headers of its
/// own ([`Content`]) it is a failure. The hole stands in a template wherever an element may, and
/// shows up in every template engine, escaped or not.
///
/// - Fallback and content must be what may stand at the hole, and whole: each element that begins
///   there ends there. In a `<p>` no `<div>`, in a `<tr>` nothing but cells, in a `<title>`, an
///   attribute or a comment no hole at all: a browser would take it apart, and the fallback would
///   stay. The build, and each revalidation, parses a static page as browsers do and fails where a
///   hole or its fallback is misplaced.
/// - Content that closes what it did not open (`</template>`) is a failure when it is filled.
///
/// Outside of a [`Site`], and in a task that the page spawns, a hole displays its fallback.
///
/// [`Content`]: crate::prerender::Content
/// [`Site`]: crate::prerender::Site
/// [`max_duration`]: crate::prerender::SiteBuilder::max_duration
/// [error fallback]: crate::prerender::SiteBuilder::error_fallback
///
/// # Examples
///
/// ```
/// use with_after::{after, cookies, prerender::suspense, with_after};
///
/// #[with_after(component)]
/// async fn index() -> String {
///     format!("<h1>Shop</h1><p>{}</p>", suspense("…", greeting))
/// }
///
/// #[with_after(component)]
/// async fn greeting() -> String {
///     let visitor = cookies().await.get("visitor").map_or(0, |cookie| cookie.value().len());
///     after(move || println!("after the response, not at build: {visitor}"));
///     format!("Hello, {visitor}!")
/// }
/// ```
#[track_caller]
pub fn suspense<C, F, M, N>(fallback: impl IntoPage<N>, component: C) -> Suspense
where
    C: Fn() -> F + Send + Sync + 'static,
    F: Future<Output: IntoPage<M>> + Send + 'static,
{
    // A hole in the fallback shows its own fallback.
    let fallback = HOLES.sync_scope(RefCell::new(None), || fallback.into_page());
    let fallback = fallback.ok().and_then(|content| String::from_utf8(content.body).ok());
    let component = move || in_box(component());
    Suspense {
        fallback: fallback.unwrap_or_default().into(),
        holding: size_of_val(&component),
        component: Arc::new(component),
        location: Location::caller(),
    }
}

/// A hole in a page: see [`suspense`]. Display it once, where the hole is.
#[must_use = "a hole is in the page only if it is displayed there"]
pub struct Suspense {
    fallback: Arc<str>,
    component: Arc<Component>,
    holding: usize,
    location: Caller,
}

type Component = dyn Fn() -> ComponentFuture + Send + Sync;

impl Suspense {
    /// Tells how many bytes the component keeps beside its own size, on the heap: they count
    /// towards [`param_cache`](crate::prerender::SiteBuilder::param_cache).
    pub fn holding(mut self, bytes: usize) -> Self {
        self.holding = self.holding.saturating_add(bytes);
        self
    }
}

impl fmt::Display for Suspense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leave = |holes: &RefCell<Option<Holes>>| {
            let hole = Hole {
                fallback: Arc::clone(&self.fallback),
                component: Some(Arc::clone(&self.component)),
                holding: self.holding,
                location: self.location,
            };
            Some(holes.borrow_mut().as_mut()?.leave(Arc::new(hole)))
        };
        match HOLES.try_with(leave) {
            Ok(Some(mark)) => f.write_str(&mark),
            _ => f.write_str(&self.fallback),
        }
    }
}

impl fmt::Debug for Suspense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspense").field("location", &self.location).finish_non_exhaustive()
    }
}

/// A hole as it is kept.
pub(crate) struct Hole {
    pub(crate) fallback: Arc<str>,
    /// `None` only while it is dropped.
    component: Option<Arc<Component>>,
    /// How many bytes it keeps.
    pub(crate) holding: usize,
    pub(crate) location: Caller,
}

impl Hole {
    /// Renders the hole.
    pub(crate) async fn render(self: Arc<Self>) -> Result<Text, Cause> {
        let start = || match &self.component {
            Some(component) => component(),
            None => Box::pin(std::future::pending()),
        };
        in_net(collect(start)).await
    }
}

impl Drop for Hole {
    fn drop(&mut self) {
        // What it captured is the user's, and it may be dropped by whoever asks for another page.
        drop(contain(|| drop(self.component.take())));
    }
}

impl fmt::Debug for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hole").field("location", &self.location).finish_non_exhaustive()
    }
}

task_local! {
    /// The holes of the component that is rendering; `None` in a fallback.
    static HOLES: RefCell<Option<Holes>>;
}

/// Runs a component, and collects its text together with the holes in it.
pub(crate) async fn collect(start: impl FnOnce() -> ComponentFuture) -> Result<Text, BoxError> {
    let page = async {
        let content = start().await?;
        let holes = HOLES.with(RefCell::take).unwrap_or_else(Holes::new);
        Text::new(content, &holes)
    };
    HOLES.scope(RefCell::new(Some(Holes::new())), page).await
}
