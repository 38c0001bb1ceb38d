//! What one request owns.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering, fence},
    },
};

use http::{HeaderMap, Method, Uri};
use tokio::time::Instant;

use super::{Hosting, Launch, Memo, Origin, Platform, Policy, Server};
use crate::{
    error::{Caller, RequestApiError, RequestApiErrorKind},
    outcome::Outcome,
    phase::{self, Place},
    request::{Head, Headers, Jar},
    work::{Queue, Task},
};

/// What one request (or one `run`, or one annotated function without a layer) owns.
pub(crate) struct Inner {
    /// `None` in a vacant scope, which nobody holds but the thread that keeps its memory.
    policy: Option<Arc<Policy>>,
    /// The server that announced itself; see [`server`](Self::server).
    announced: Option<Arc<Server>>,
    pub(super) started: Instant,
    pub(super) queue: Queue<Task, Launch>,
    pub(super) origin: Origin,
    headers: OnceLock<Headers>,
    jar: OnceLock<Arc<Jar>>,
    head_sent: AtomicBool,
    memo: OnceLock<Box<Memo>>,
}

/// What is asked of a request, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup {
    pub(crate) api: &'static str,
    pub(crate) caller: Caller,
}

impl Inner {
    /// Creates a scope of nobody.
    pub(super) fn vacant() -> Self {
        Self {
            policy: None,
            announced: None,
            started: Instant::now(),
            queue: Queue::new(),
            origin: Origin::Call,
            headers: OnceLock::new(),
            jar: OnceLock::new(),
            head_sent: AtomicBool::new(false),
            memo: OnceLock::new(),
        }
    }

    /// Opens a vacant scope.
    #[inline]
    pub(super) fn occupy(&mut self, policy: Arc<Policy>, announced: Option<Arc<Server>>) {
        self.policy = Some(policy);
        self.announced = announced;
        self.started = Instant::now();
    }

    /// Drops all that the scope holds but the block of its request's head, which the next request
    /// may overwrite.
    #[inline]
    pub(super) fn vacate(&mut self) {
        let Self { policy, announced, started: _, queue, origin, headers, jar, head_sent, memo } =
            self;
        *policy = None;
        *announced = None;
        if !queue.is_untouched() {
            *queue = Queue::new();
        }
        origin.vacate();
        drop((headers.take(), jar.take(), memo.take()));
        *head_sent.get_mut() = false;
    }

    /// Returns method and path of the request.
    pub(crate) fn route(&self) -> Cow<'static, str> {
        self.origin.route()
    }

    #[inline]
    pub(super) fn policy(&self) -> &Policy {
        self.policy.as_deref().expect("nobody asks a vacant scope")
    }

    /// Returns the policy for work that this scope gives rise to without waiting for its end.
    pub(crate) fn detached_policy(&self) -> Policy {
        let mut policy = Policy { server: None, ..self.policy().clone() };
        if let (Hosting::Announced { .. }, Some(server)) = (&policy.hosting, self.server()) {
            policy.hosting = Hosting::Given(Arc::clone(&server.platform));
        }
        policy
    }

    /// Returns the server of the request.
    pub(crate) fn server(&self) -> Option<&Arc<Server>> {
        self.policy().server.as_ref().or(self.announced.as_ref())
    }

    /// Returns what functions with `#[cache]` have returned.
    pub(crate) fn memo(&self) -> &Memo {
        self.memo.get_or_init(|| Box::new(Memo::new()))
    }

    /// Returns whether the scope is still to be finished.
    pub(crate) fn is_open(&self) -> bool {
        self.queue.outcome().is_none()
    }

    /// Returns how the response ended, if there is one and it has.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.queue.outcome().filter(|_| self.origin.head().is_some())
    }

    #[inline]
    pub(super) fn platform(&self) -> &dyn Platform {
        match (&self.policy().hosting, self.server()) {
            (Hosting::Given(platform), _) => &**platform,
            (Hosting::Announced { .. }, Some(server)) => &*server.platform,
            (Hosting::Announced { otherwise }, None) => otherwise(),
        }
    }

    /// Returns the request's headers, if the current place may read them.
    pub(crate) fn headers(&self, lookup: Lookup) -> Result<Headers, RequestApiError> {
        Ok(self.read(self.readable_head(lookup)?).clone())
    }

    /// Returns the request's method, if the current place may read it.
    pub(crate) fn method(&self, lookup: Lookup) -> Result<Method, RequestApiError> {
        Ok(self.readable_head(lookup)?.method().clone())
    }

    /// Returns path and query of the request, if the current place may read them.
    pub(crate) fn uri(&self, lookup: Lookup) -> Result<Uri, RequestApiError> {
        Ok(self.readable_head(lookup)?.uri())
    }

    /// Returns the cookies, if the current place may read them.
    pub(crate) fn jar(&self, lookup: Lookup) -> Result<Arc<Jar>, RequestApiError> {
        let head = self.readable_head(lookup)?;
        let jar = self.jar.get_or_init(|| Arc::new(Jar::parse(self.read(head))));
        // Pairs with the fence in `seal`: either this load sees the flag, or `seal` sees the jar.
        fence(Ordering::SeqCst);
        if self.head_sent.load(Ordering::Relaxed) {
            jar.seal();
        }
        Ok(Arc::clone(jar))
    }

    fn read(&self, head: &Head) -> &Headers {
        self.headers.get_or_init(|| Headers::new(head.headers()))
    }

    fn readable_head(&self, lookup: Lookup) -> Result<&Head, RequestApiError> {
        let refuse = |kind| Err(RequestApiError::new(lookup.api, lookup.caller, kind));
        if let Place::Task(task) = phase::current() {
            if let Some(handler) = task.handler.filter(|handler| handler.kind.renders()) {
                return refuse(RequestApiErrorKind::InRenderTask {
                    kind: handler.kind,
                    handler: handler.name,
                    scheduled: task.location,
                    route: self.route().into_owned(),
                });
            }
        }
        self.origin.head().ok_or_else(|| {
            RequestApiError::new(lookup.api, lookup.caller, self.origin.refusal(lookup))
        })
    }

    /// Writes the handler's cookies into the response's head, and refuses every later one.
    pub(crate) fn seal(self: &Arc<Self>, headers: &mut HeaderMap) {
        self.head_sent.store(true, Ordering::Relaxed);
        // Nobody else can be making the jar while nobody else holds the scope.
        if Arc::strong_count(self) > 1 {
            fence(Ordering::SeqCst);
        }
        if let Some(jar) = self.jar.get() {
            jar.write(headers);
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("request", &self.route()).finish_non_exhaustive()
    }
}
