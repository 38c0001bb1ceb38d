//! See the [module docs](super).

use std::{sync::Arc, time::Duration};

use tower_layer::Layer;

use super::AfterService;
use crate::{
    host::{Hosting, Platform, Policy},
    platform,
    work::{Lineage, TaskFailure},
};

/// Opens a scope for each request, so that its handlers can call [`after`](crate::after()).
///
/// Make it the outermost layer: what is inside of it (compression, timeouts, panic catching) is
/// part of the response whose end the tasks wait for.
///
/// # Which form goes with which server
///
/// | | [`serve`][crate::serve()] | `axum::serve` | hyper, and others that take a tower service |
/// |---|---|---|---|
/// | `AfterLayer::new().layer(app)`, [around](Self::layer) the application | yes | no: it takes a router | yes |
/// | `app.layer(AfterLayer::new())`, a layer of the router | yes | yes | yes |
///
/// The first costs a third of the second, for `Router::layer` boxes the service, its future and its
/// body once more for every layer.
///
/// # Examples
///
/// ```
/// use axum::{Router, routing::get};
/// use std::time::Duration;
/// use with_after::{AfterLayer, after, with_after};
///
/// #[with_after(route)]
/// async fn hello() -> &'static str {
///     after(async { println!("the response is finished") });
///     "hello"
/// }
///
/// let app: Router = Router::new().route("/", get(hello)).layer(
///     AfterLayer::new()
///         .max_duration(Duration::from_secs(30))
///         .on_failure(|failure| eprintln!("{failure}")),
/// );
/// ```
#[cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("../guide/links/axum.md"))]
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until a service is wrapped in it"]
pub struct AfterLayer {
    policy: Arc<Policy>,
}

impl AfterLayer {
    /// Creates a layer whose work is kept alive by the server under which it runs.
    ///
    /// Under [`serve`][crate::serve()] that is the server's own platform. Under any other server
    /// it is [`platform::in_process()`], which the application drains before it exits.
    #[cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("../guide/links/axum.md"))]
    pub fn new() -> Self {
        Self::with_hosting(Hosting::Announced { otherwise: platform::shared })
    }

    /// Creates a layer whose work is kept alive by `platform`.
    pub fn with_platform(platform: impl Platform) -> Self {
        Self::with_hosting(Hosting::Given(Arc::new(platform)))
    }

    fn with_hosting(hosting: Hosting) -> Self {
        Self { policy: Arc::new(Policy::new(hosting)) }
    }

    /// Limits how long tasks may run after the response, for those whose function and builder say
    /// nothing of it. The default is the platform's.
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        Arc::make_mut(&mut self.policy).max_duration = Some(max_duration);
        self
    }

    /// Calls `hook` with each task that failed.
    ///
    /// It is called where the task ran, so it must be short; it may itself call
    /// [`after`](crate::after()). A panic of it is caught.
    pub fn on_failure(mut self, hook: impl Fn(&TaskFailure) + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.policy).on_failure = Some(Arc::new(hook));
        self
    }

    /// Makes the span of each task a child of the span that is current at `after`, so that what a
    /// task logs shows the fields of its request's span, such as an id of the request.
    ///
    /// By default the span of a task merely follows from it, and shows method and path: a child
    /// keeps its parent open, so the request's span then lasts until its tasks have ended. See
    /// [the guide](crate::guide::logs).
    pub fn child_spans(mut self) -> Self {
        Arc::make_mut(&mut self.policy).lineage = Lineage::Child;
        self
    }

    /// Wraps a service, such as a whole router.
    ///
    /// It is what `tower::Layer` does, for those who do not import that trait.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use axum::{Router, routing::get};
    /// use with_after::{AfterLayer, serve};
    ///
    /// # async fn example(listener: tokio::net::TcpListener) -> std::io::Result<()> {
    /// let app = Router::new().route("/", get(|| async { "hello" }));
    /// let report = serve(listener, AfterLayer::new().layer(app)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn layer<S>(&self, inner: S) -> AfterService<S> {
        AfterService::new(inner, Arc::clone(&self.policy))
    }
}

impl Default for AfterLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for AfterLayer {
    type Service = AfterService<S>;

    fn layer(&self, inner: S) -> AfterService<S> {
        Self::layer(self, inner)
    }
}
