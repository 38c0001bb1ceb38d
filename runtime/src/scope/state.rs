//! What one request owns.

use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering, fence},
    },
};

use http::{HeaderMap, Method, StatusCode, Uri};
use tokio::time::Instant;

use super::{memo::Memo, origin::Origin, prerender::Lookup};
use crate::{
    error::{RequestApiError, RequestApiErrorKind},
    host::{Hosting, Platform, Policy, observe},
    outcome::{Ending, Outcome},
    place::{self, Number, Place},
    request::{Head, Headers, Jar},
    work::{Queue, Start},
};

/// What one request (or one `run`, or one annotated function without a layer) owns.
pub(crate) struct ScopeState {
    /// `None` in a vacant scope, which nobody holds but the thread that keeps its memory.
    policy: Option<Arc<Policy>>,
    /// That of the server which announced itself in the request.
    announced: Option<Arc<dyn Platform>>,
    /// By which observers know it.
    pub(super) number: Number,
    started: Instant,
    pub(super) queue: Queue,
    pub(super) origin: Origin,
    headers: OnceLock<Headers>,
    jar: OnceLock<Arc<Jar>>,
    head_sent: AtomicBool,
    memo: OnceLock<Box<Memo>>,
}

impl ScopeState {
    /// Creates a scope of nobody.
    pub(super) fn vacant() -> Self {
        Self {
            policy: None,
            announced: None,
            number: Number::default(),
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
    pub(super) fn occupy(&mut self, policy: Arc<Policy>, announced: Option<Arc<dyn Platform>>) {
        self.policy = Some(policy);
        self.announced = announced;
        self.started = Instant::now();
    }

    /// Drops all that the scope holds but the block of its request's head, which the next request
    /// may overwrite.
    #[inline]
    pub(super) fn vacate(&mut self) {
        let Self {
            policy,
            announced,
            number,
            started: _,
            queue,
            origin,
            headers,
            jar,
            head_sent,
            memo,
        } = self;
        *policy = None;
        *announced = None;
        *number = Number::default();
        queue.reset();
        origin.vacate();
        drop((headers.take(), jar.take(), memo.take()));
        *head_sent.get_mut() = false;
    }

    /// Returns method and path of the request.
    pub(crate) fn route(&self) -> Cow<'static, str> {
        self.origin.route()
    }

    #[inline]
    pub(crate) fn policy(&self) -> &Policy {
        self.policy.as_deref().expect("nobody asks a vacant scope")
    }

    /// Returns the policy for work that this scope gives rise to without waiting for its end.
    pub(crate) fn detached_policy(&self) -> Policy {
        let mut policy = Policy { server: None, ..self.policy().clone() };
        if let (Hosting::Announced { .. }, Some(platform)) = (&policy.hosting, self.server()) {
            policy.hosting = Hosting::Given(Arc::clone(platform));
        }
        policy
    }

    /// Returns the platform of the server that announced itself, to the layer or in the request.
    pub(crate) fn server(&self) -> Option<&Arc<dyn Platform>> {
        self.policy().server.as_ref().or(self.announced.as_ref())
    }

    /// Returns what functions with `#[cache]` have returned.
    pub(crate) fn memo(&self) -> &Memo {
        self.memo.get_or_init(|| Box::new(Memo::new()))
    }

    /// Returns whether that was asked for before.
    #[inline]
    pub(super) fn has_memo(&self) -> bool {
        self.memo.get().is_some()
    }

    /// Takes out what functions with `#[cache]` have returned, if anything.
    #[inline]
    pub(super) fn take_memo(&mut self) -> Option<Memo> {
        self.memo.take().map(|memo| *memo)
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
    pub(crate) fn platform(&self) -> &dyn Platform {
        match (&self.policy().hosting, self.server()) {
            (Hosting::Given(platform), _) | (Hosting::Announced { .. }, Some(platform)) => {
                &**platform
            }
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
        if let Place::Task(task) = place::current() {
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
    pub(crate) fn seal(self: &mut Arc<Self>, headers: &mut HeaderMap) {
        // Nobody else can be making the jar where nobody else holds the scope: `get_mut` acquires
        // what those did who have let go of it.
        let jar = if let Some(alone) = Arc::get_mut(self) {
            *alone.head_sent.get_mut() = true;
            alone.jar.get()
        } else {
            self.head_sent.store(true, Ordering::Relaxed);
            // Pairs with the fence in `jar`: either this sees the jar, or that sees the flag.
            fence(Ordering::SeqCst);
            self.jar.get()
        };
        if let Some(jar) = jar {
            jar.write(headers);
        }
    }

    /// Finishes the scope: its tasks are due.
    #[inline]
    pub(super) fn finish_queue(&self, ending: Ending) -> Option<Start> {
        let now = Instant::now();
        let outcome = ending.outcome(self.started, now);
        if self.is_observed() {
            observe::finished(self.platform(), self.number, &outcome);
        }
        self.queue.finish(now, Some(outcome))
    }

    /// Tells observers, if there are any, that the scope is opened.
    #[cfg(feature = "observe")]
    #[inline]
    pub(super) fn announce(&mut self) {
        self.number = observe::opened(self.platform(), self.origin.for_observers());
    }

    /// Tells observers that the head of the response was produced.
    #[inline]
    pub(crate) fn head(&self, status: StatusCode) {
        if self.is_observed() {
            observe::head(self.platform(), self.number, status);
        }
    }

    /// Returns its number, if it is observed.
    #[cfg(feature = "inspector")]
    pub(crate) fn number(&self) -> Option<u64> {
        self.number.get()
    }

    /// Returns whether somebody is to be told of its end.
    #[inline]
    pub(crate) fn is_observed(&self) -> bool {
        self.number != Number::default()
    }
}

impl fmt::Debug for ScopeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeState").field("request", &self.route()).finish_non_exhaustive()
    }
}
