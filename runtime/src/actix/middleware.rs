//! See the [module docs](super).

use std::{
    future::{Ready, ready},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};

use super::AfterService;
use crate::{
    host::{Hosting, Platform, Policy},
    work::{Lineage, TaskFailure},
};

/// Opens a scope for each request of an actix-web application, so that its handlers can call
/// [`after`](crate::after()).
///
/// Make it the outermost middleware, which in actix-web is the one that is wrapped last.
///
/// # Examples
///
/// ```no_run
/// use std::{io, time::Duration};
///
/// use actix_web::{App, HttpServer, web};
/// use tokio::runtime::Handle;
/// use with_after::{actix::AfterMiddleware, after, platform::InProcess, with_after};
///
/// #[with_after(route)]
/// async fn order() -> &'static str {
///     after(async { println!("the response is finished") });
///     "thank you"
/// }
///
/// #[tokio::main]
/// async fn main() -> io::Result<()> {
///     // The work runs here: the threads of the workers end with the server.
///     let platform = InProcess::on(Handle::current());
///     let middleware = AfterMiddleware::with_platform(platform.clone());
///     let app = move || {
///         App::new().route("/orders", web::post().to(order)).wrap(middleware.clone())
///     };
///     HttpServer::new(app).bind(("127.0.0.1", 3000))?.shutdown_timeout(15).run().await?;
///     println!("{}", platform.drain(Duration::from_secs(15)).await);
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a middleware does nothing until an application is wrapped in it"]
pub struct AfterMiddleware {
    policy: Arc<Policy>,
}

impl AfterMiddleware {
    /// Creates a middleware whose work is kept alive by `platform`.
    ///
    /// That is an [`InProcess`] which names its runtime. One that does not would run the work in
    /// the thread of the worker that answers, and lose it when the server stops: each lost task
    /// is reported.
    ///
    /// [`InProcess`]: crate::platform::InProcess
    pub fn with_platform(platform: impl Platform) -> Self {
        let hosting = Hosting::Given(Arc::new(platform));
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
}

impl<S, B> Transform<S, ServiceRequest> for AfterMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<super::ResponseBody<B>>;
    type Error = Error;
    type InitError = ();
    type Transform = AfterService<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(AfterService::new(inner, Arc::clone(&self.policy))))
    }
}
