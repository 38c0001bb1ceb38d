//! Tests of handlers without a server.
//!
//! ```
//! use with_after::{after, cookies, testing::TestScope, with_after};
//!
//! #[with_after(route)]
//! async fn greet() -> String {
//!     let name = cookies().await.get("name").map_or(String::new(), |c| c.value().to_owned());
//!     after(async { Err::<(), _>("no disk") });
//!     format!("Hello, {name}!")
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut scope = TestScope::new().cookie("name", "Ada");
//! assert_eq!(scope.run(greet()).await, "Hello, Ada!");
//! assert_eq!(scope.pending()[0].name(), "greet");
//!
//! let report = scope.finish().await;
//! assert_eq!(report.tasks()[0].failure(), Some("failed: no disk"));
//! # }
//! ```
//!
//! Nothing here waits for real time by itself: under tokio's paused time
//! (`#[tokio::test(start_paused = true)]`) every delay and deadline passes at once.

mod host;
mod report;

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use cookie::Cookie;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

use self::host::Host;
pub use self::report::{FinishReport, PendingTask, TestedTask};
use crate::{
    connection::{Opened, WrittenBy},
    host::{Hosting, Policy},
    outcome::{End, Ending, Grpc},
    request::Head,
    scope::ScopeState,
};

/// A scope for one test: give it a request, run a handler, look at its tasks, run them.
///
/// See the [module](self) for an example.
#[derive(Debug)]
#[must_use = "a scope does nothing unless a handler is run in it"]
pub struct TestScope {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    ending: Ending,
    max_duration: Option<Duration>,
    at_once: bool,
    host: Arc<Host>,
    /// Set by the first `run`; at once, by each.
    scope: Option<Arc<ScopeState>>,
    /// `Some` from then to the end of the response.
    opened: Option<Opened>,
    /// The heads of the responses of the scopes that were left.
    head: HeaderMap,
}

impl TestScope {
    /// Creates a scope with a request `GET /` without headers, whose response will be a completed
    /// 200.
    pub fn new() -> Self {
        Self {
            method: Method::GET,
            uri: Uri::from_static("/"),
            headers: HeaderMap::new(),
            ending: Ending {
                status: Some(StatusCode::OK),
                grpc: Grpc::No,
                end: End::Completed,
                body_bytes: 0,
            },
            max_duration: None,
            at_once: false,
            host: Arc::new(Host::new()),
            scope: None,
            opened: None,
            head: HeaderMap::new(),
        }
    }

    /// Sets method and target of the request.
    pub fn request(mut self, method: Method, uri: Uri) -> Self {
        (self.method, self.uri) = (method, uri);
        self
    }

    /// Adds a header to the request.
    ///
    /// # Panics
    ///
    /// Panics if `name` or `value` is none that a header can have.
    pub fn header<N, V>(mut self, name: N, value: V) -> Self
    where
        N: TryInto<HeaderName, Error: fmt::Debug>,
        V: TryInto<HeaderValue, Error: fmt::Debug>,
    {
        let name = name.try_into().expect("a header's name");
        self.headers.append(name, value.try_into().expect("a header's value"));
        self
    }

    /// Adds a cookie to the request.
    ///
    /// # Panics
    ///
    /// Panics if the cookie holds a control character.
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.header(header::COOKIE, Cookie::new(name, value).to_string())
    }

    /// Sets how the response will have ended, for [`outcome`](crate::outcome()) and
    /// [`RunOn`](crate::RunOn); `status` is `None` where no response was produced.
    pub fn ending(mut self, end: End, status: Option<StatusCode>) -> Self {
        self.ending = Ending { status, end, ..self.ending };
        self
    }

    /// Limits how long tasks may run, as
    /// [`AfterLayer::max_duration`][crate::AfterLayer::max_duration] does.
    #[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("../guide/links/tower.md"))]
    pub fn max_duration(mut self, max_duration: Duration) -> Self {
        self.max_duration = Some(max_duration);
        self
    }

    /// Starts each task as soon as it is scheduled; [`run`](Self::run) then also waits for them.
    pub fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    /// Runs `handler` in the scope, as the layer would. It can be called several times.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops `handler`. The scope stays, with what was scheduled.
    pub async fn run<F: Future>(&mut self, handler: F) -> F::Output {
        let mut handler = pin!(self.open().run(handler));
        if !self.at_once {
            return handler.await;
        }
        self.end_response();
        let mut output = None;
        poll_fn(|cx| {
            if output.is_none() {
                output = match handler.as_mut().poll(cx) {
                    Poll::Ready(output) => Some(output),
                    Poll::Pending => None,
                };
            }
            ready!(self.host.poll_idle(cx));
            output.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Returns the tasks that have not started, in the order in which they were scheduled.
    #[must_use]
    pub fn pending(&self) -> Vec<PendingTask> {
        let waiting = self.scope.as_ref().map_or_else(Vec::new, |scope| scope.waiting());
        waiting.into_iter().map(PendingTask::new).collect()
    }

    /// Ends the response, runs the tasks, nested ones included, and reports what became of each.
    ///
    /// A task that never ends is waited for without limit, unless it has a `max_duration`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the tasks.
    pub async fn finish(mut self) -> FinishReport {
        self.seal();
        self.end_response();
        poll_fn(|cx| self.host.poll_idle(cx)).await;
        FinishReport::new(self.host.ended(), &self.head)
    }

    fn open(&mut self) -> &mut Opened {
        if self.opened.is_none() {
            self.seal();
        }
        let Self { method, uri, headers, max_duration, host, scope, .. } = self;
        self.opened.get_or_insert_with(|| {
            let hosting = Hosting::Given(Arc::clone(host) as _);
            let policy = Policy { max_duration: *max_duration, ..Policy::new(hosting) };
            let copy = |head: &mut Head| head.copy(method, uri, headers);
            let opened = Opened::request(Arc::new(policy), None, WrittenBy::Nobody, copy);
            *scope = opened.scope().cloned();
            opened
        })
    }

    /// Reads the cookies of the scope, which is left now. Not before: at once, a response ends when
    /// its handler begins.
    fn seal(&mut self) {
        if let Some(scope) = &mut self.scope {
            scope.seal(&mut self.head);
        }
    }

    fn end_response(&mut self) {
        if let Some(mut opened) = self.opened.take() {
            opened.finish(self.ending);
        }
    }
}

/// Abandons the tasks: what is held is held by nobody else.
impl Drop for TestScope {
    fn drop(&mut self) {
        self.opened = None;
        self.host.close();
    }
}

impl Default for TestScope {
    fn default() -> Self {
        Self::new()
    }
}
