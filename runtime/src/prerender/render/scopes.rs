//! In which scopes the code of pages runs, and who drives their work: all that this module asks of
//! the rest of the crate.

use std::{borrow::Cow, future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use http::StatusCode;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument as _, Span};

use crate::{
    connection::{self, Opened},
    error::{BoxError, Caller},
    host::{Hosting, Policy},
    net::{contain, tell},
    outcome::{End, Ending},
    place::{Handler, Kind, Place},
    platform::{self, Driver},
    prerender::describe::{OnFailure, Options},
    scope::{self, Lookup, Origin, Prerender, ScopeState, in_scope},
    sync::{Mutex, lock},
    work::{self, Cause, IntoTask as _, TaskFailure, TaskInfo},
};

/// Where the code of a page stands, unless an attribute says otherwise.
const IN_PAGE: Place = Place::Handler(Some(const { &Handler::new(Kind::Component, "page", None) }));

/// Who runs the tasks of a page that is rendered without a request, and hears of their failures.
#[derive(Clone)]
pub(crate) struct Host {
    policy: Policy,
}

/// The scope of a render without a request.
#[must_use = "the tasks run when the render is finished"]
pub(crate) struct PageScope {
    opened: Opened,
    prerender: Arc<Prerender>,
    limit: Duration,
}

/// What a render of [`PageScope::run`] came to, if it did not end by itself.
pub(crate) enum Unfinished {
    Asked(Lookup),
    TimedOut(Duration),
}

impl PageScope {
    pub(crate) fn open(path: &str, host: Host) -> Self {
        let limit = host.policy.max_duration.unwrap_or(Duration::MAX);
        let prerender = Arc::new(Prerender::new(path.to_owned()));
        let origin = Origin::Prerender(Arc::clone(&prerender));
        Self { opened: Opened::new(Arc::new(host.policy), origin), prerender, limit }
    }

    /// Runs `component` until it ends, asks for the request, or is late, and drops it. It may take
    /// the time that its annotated function names, else that of the host.
    ///
    /// If it has asked, its tasks are discarded, also where it has ended.
    pub(crate) async fn run<T>(&self, component: impl Future<Output = T>) -> Result<T, Unfinished> {
        let scope = self.opened.scope().cloned();
        let result = self.until_asked_or_late(in_scope(scope.clone(), IN_PAGE, component));
        let result = result.await;
        if let Some(lookup) = self.prerender.end() {
            if let Some(scope) = scope {
                scope.discard();
            }
            return Err(Unfinished::Asked(lookup));
        }
        result.ok_or_else(|| Unfinished::TimedOut(self.limit()))
    }

    async fn until_asked_or_late<T>(&self, component: impl Future<Output = T>) -> Option<T> {
        let mut component = pin!(component);
        let mut asked = pin!(self.prerender.asks());
        let mut late = None;
        poll_fn(|cx| {
            if let Poll::Ready(output) = component.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            if asked.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            // Not before the first poll, in which the component names its limit.
            let late = late.get_or_insert_with(|| Box::pin(sleep(self.limit())));
            late.as_mut().poll(cx).map(|()| None)
        })
        .await
    }

    fn limit(&self) -> Duration {
        self.prerender.max_duration().unwrap_or(self.limit)
    }

    /// Lets the tasks run: the render is finished, and they see how.
    pub(crate) fn finish(mut self, end: End, status: StatusCode) -> Scheduled {
        // A render that went well has no response, and no status.
        let status = Some(status).filter(|status| *status != StatusCode::OK);
        self.opened.finish(Ending { status, ..Ending::without_response(end) });
        Scheduled { prerender: self.prerender }
    }
}

/// The tasks of a render that is finished.
pub(crate) struct Scheduled {
    prerender: Arc<Prerender>,
}

impl Scheduled {
    /// Returns where tasks were scheduled so far, nested ones too.
    pub(crate) fn locations(&self) -> Vec<Caller> {
        self.prerender.tasks()
    }
}

/// The tasks of one page at build, which the build drives itself.
pub(crate) struct TasksOfBuild {
    driver: Driver,
    failures: Arc<Mutex<Vec<String>>>,
}

impl TasksOfBuild {
    pub(crate) fn new() -> Self {
        Self { driver: Driver::limited(), failures: Arc::default() }
    }

    /// Tells the observers of the site of the tasks.
    #[cfg(feature = "observe")]
    pub(crate) fn observed(self, options: &Options) -> Self {
        Self { driver: self.driver.observed_by(&options.observers), ..self }
    }

    pub(crate) fn host(&self, options: &Options) -> Host {
        let failures = Arc::clone(&self.failures);
        let on_failure = move |failure: &TaskFailure| lock(&failures).push(failure.to_string());
        let policy = Policy {
            max_duration: Some(options.max_duration),
            on_failure: Some(Arc::new(on_failure)),
            ..Policy::new(self.driver.hosting())
        };
        Host { policy }
    }

    /// Drives the tasks to their end, and returns how those failed that did.
    ///
    /// # Cancel safety
    ///
    /// What has not ended is left to the process-wide platform.
    pub(crate) async fn drive(self) -> Vec<String> {
        self.driver.drive().await;
        std::mem::take(&mut *lock(&self.failures))
    }
}

/// The scope of the request that is being answered.
#[derive(Clone)]
pub(crate) struct RequestScope {
    scope: Option<Arc<ScopeState>>,
}

impl RequestScope {
    pub(crate) fn current() -> Self {
        Self { scope: scope::current() }
    }

    /// Returns a future that runs `component` in this scope.
    pub(crate) fn run<F: Future>(&self, component: F) -> impl Future<Output = F::Output> + use<F> {
        in_scope(self.scope.clone(), IN_PAGE, component)
    }

    /// Returns who runs the tasks of a page whose render this request gives rise to.
    pub(crate) fn host(&self, options: &Options) -> Host {
        let outer = self.scope.as_ref().map(|scope| scope.detached_policy());
        let (hosting, others) = match outer {
            Some(Policy { hosting, on_failure, .. }) => (hosting, on_failure),
            None => (Hosting::Announced { otherwise: platform::shared }, None),
        };
        let on_failure = options.on_failure.clone().or(others);
        let max_duration = Some(options.max_duration);
        Host { policy: Policy { max_duration, on_failure, ..Policy::new(hosting) } }
    }

    /// Reports what could not be rendered for this request: in the log, and to the site's hook or
    /// else the layer's. `what` is called as a task is.
    pub(crate) fn report(
        &self,
        what: String,
        location: Caller,
        cause: Cause,
        hook: Option<&OnFailure>,
    ) {
        let options = work::Options {
            name: Some(Cow::<'static, str>::from(what).into()),
            ..Default::default()
        };
        let failure = TaskFailure::new(TaskInfo::new(&options, IN_PAGE, location), cause);
        let layers = self.scope.as_ref().and_then(|scope| scope.detached_policy().on_failure);
        if let Some(hook) = hook.cloned().or(layers) {
            if let Err(panic) = contain(|| hook(&failure)) {
                tell(|| {
                    tracing::error!(target: "with_after", panic, "the `on_failure` hook panicked (see with_after::guide::troubleshooting)");
                });
            }
        }
        tell(|| {
            let (part, cause) = (failure.name(), failure.cause());
            tracing::error!(target: "with_after", part, %location, %cause, "a part of a response failed (see with_after::guide::troubleshooting)");
        });
        // The error inside is the user's code.
        tell(|| drop(failure));
    }
}

/// Begins a render as work of its own, called `name`.
///
/// It runs at once, whoever goes away meanwhile; the platform keeps the process alive for it, and
/// the tasks of the page are left to that platform too. If the platform refuses it is dropped.
pub(crate) fn spawn_work(
    host: Host,
    name: String,
    location: Caller,
    render: impl Future<Output = Result<(), BoxError>> + Send + 'static,
) {
    // No child of the request's span, which would stay open for it.
    let span = tracing::info_span!(target: "with_after", parent: None, "prerender", render = name);
    span.follows_from(Span::current());
    let render = AbortOnDropHandle::new(tokio::spawn(render.instrument(span)));
    let task = async move { render.await? };
    let options =
        work::Options { name: Some(Cow::<'static, str>::from(name).into()), ..Default::default() };
    let policy = Policy { max_duration: None, ..host.policy };
    if let Err(error) = connection::detach(policy, |seed| task.into_task(seed), &options, location)
    {
        // The render was dropped with its handle.
        tell(
            || tracing::error!(target: "with_after", "a page was not rendered: {error} (see with_after::guide::troubleshooting)"),
        );
    }
}
