//! Holes in pages.

use std::{
    cell::RefCell,
    fmt,
    future::poll_fn,
    panic::Location,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use tokio::task_local;

use super::{
    IntoPage,
    content::{self, Piece},
};
use crate::{
    error::{BoxError, Caller},
    net::contain,
    place::{Handler, Kind, Place},
    work::Cause,
};

/// Leaves a hole in a page, which is filled for each request.
///
/// The rest of the page stays static. For a request it is sent at once, with `fallback` in the
/// hole; then `component` renders in the scope of the request, where it may read cookies and
/// headers, and what it returns takes the fallback's place: a tiny script moves it there. A client
/// that sends `Prefer: in-order` gets the page without script and fallback, each part in its
/// place, when it is ready. Several holes of a page render side by side, and may have holes
/// themselves.
///
/// What the component schedules runs after the response. If it fails, panics, or takes longer than
/// [`max_duration`](super::SiteBuilder::max_duration), that is reported and the
/// [error fallback](super::SiteBuilder::error_fallback) is shown; the other holes are spared.
///
/// Both are taken as HTML and escaped by nobody. The hole stands in a template wherever text may,
/// and shows up in every template engine, escaped or not. Outside of a [`Site`](super::Site), and
/// in a task that the page spawns, it displays its fallback.
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
    let component = move || -> ComponentFuture {
        let future = component();
        Box::pin(async move { future.await.into_page() })
    };
    Suspense {
        hole: Arc::new(Hole {
            fallback: fallback.unwrap_or_default(),
            component: Box::new(component),
            location: Location::caller(),
        }),
    }
}

/// A hole in a page: see [`suspense`]. Display it once, where the hole is.
#[derive(Debug)]
#[must_use = "a hole is in the page only if it is displayed there"]
pub struct Suspense {
    hole: Arc<Hole>,
}

impl fmt::Display for Suspense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leave = |holes: &RefCell<Option<Vec<Arc<Hole>>>>| {
            let mut holes = holes.borrow_mut();
            let holes = holes.as_mut()?;
            holes.push(Arc::clone(&self.hole));
            Some(holes.len() - 1)
        };
        match HOLES.try_with(leave) {
            Ok(Some(index)) => f.write_str(&content::mark(index)),
            _ => f.write_str(&self.hole.fallback),
        }
    }
}

pub(super) struct Hole {
    pub(super) fallback: String,
    component: Box<dyn Fn() -> ComponentFuture + Send + Sync>,
    pub(super) location: Caller,
}

/// A component at work; a panic of its first, synchronous part comes out of the call.
pub(super) type ComponentFuture = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send>>;

impl Hole {
    /// Renders the hole.
    pub(super) async fn render(self: Arc<Self>) -> Result<Vec<Piece>, BoxError> {
        collect(|| (self.component)()).await
    }
}

impl fmt::Debug for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hole").field("location", &self.location).finish_non_exhaustive()
    }
}

task_local! {
    /// The holes of the component that is rendering; `None` in a fallback.
    static HOLES: RefCell<Option<Vec<Arc<Hole>>>>;
}

/// Where the code of a page stands, unless an attribute says otherwise.
pub(super) const IN_PAGE: Place =
    Place::Handler(Some(const { &Handler::new(Kind::Component, "page", None) }));

/// Runs a component, and collects its text together with the holes in it.
pub(super) async fn collect(
    start: impl FnOnce() -> ComponentFuture,
) -> Result<Vec<Piece>, BoxError> {
    let page = async {
        let text = start().await?;
        let holes = HOLES.with(RefCell::take).unwrap_or_default();
        Ok(content::cut(text, &holes))
    };
    HOLES.scope(RefCell::new(Some(Vec::new())), page).await
}

/// Turns a panic of `render` into a failure.
pub(super) async fn caught<T>(
    render: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, Cause> {
    let mut render = pin!(render);
    let result = poll_fn(|cx| match contain(|| render.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(message) => Poll::Ready(Err(message)),
    });
    result.await.map_err(Cause::Panicked)?.map_err(Cause::Error)
}
