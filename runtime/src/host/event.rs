//! What observers are told.

use std::{fmt, panic::Location, time::Duration};

use http::{HeaderMap, Method, StatusCode, Uri};
use tokio::time::Instant;

use super::report::TaskReport;
use crate::{error::AfterError, outcome::Outcome, place::Kind, request::Head};

/// Is told what happens in a process, as it happens.
///
/// An observer is given to a platform, by [`InProcess::observe`], to a server, by `Serve::observe`, or
/// to a site of static pages. A closure is one. See the [module docs](crate::observe).
///
/// It is called on the thread on which the event happens, in the middle of a request or a task: it
/// must neither block nor take long, and best only writes down what it is told. A panic of it is
/// caught, and costs nobody but the observer this one event. While it runs it is told nothing, so
/// what it does by itself, [`after`](crate::after()) included, cannot go round in circles.
///
/// [`InProcess::observe`]: crate::platform::InProcess::observe
pub trait Observer: Send + Sync + 'static {
    /// Is called with each event.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Observer for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// What happens.
///
/// Of each scope the first event is `ScopeOpened`; of each task it is `TaskScheduled`, and the last
/// one `TaskEnded`, exactly once. The events of one task come in their order, and so do those of
/// one response; `TaskStarted` comes after `ScopeFinished`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request has arrived at the layer, or a scope was opened without one.
    #[non_exhaustive]
    ScopeOpened {
        /// The scope.
        scope: ScopeId,
        /// What it was opened for.
        origin: Origin<'a>,
    },
    /// The head of a response was produced.
    #[non_exhaustive]
    HeadProduced {
        /// The scope of the request.
        scope: ScopeId,
        /// The response's status.
        status: StatusCode,
    },
    /// A response is finished: its tasks are due. Also where none was produced.
    #[non_exhaustive]
    ScopeFinished {
        /// The scope of the request.
        scope: ScopeId,
        /// How the response ended.
        outcome: &'a Outcome,
    },
    /// A task was scheduled.
    #[non_exhaustive]
    TaskScheduled {
        /// The scope to which it belongs.
        scope: ScopeId,
        /// The task.
        task: TaskId,
        /// The task that has scheduled it, if it was one.
        parent: Option<TaskId>,
        /// Its name: see [`TaskFailure::name`](crate::TaskFailure::name).
        name: &'a str,
        /// The kind of the annotated function that scheduled it, if there was one.
        kind: Option<Kind>,
        /// Where `after` was called.
        location: &'static Location<'static>,
    },
    /// A task has started.
    #[non_exhaustive]
    TaskStarted {
        /// The scope to which it belongs.
        scope: ScopeId,
        /// The task.
        task: TaskId,
        /// The time from `after` to this start.
        queue_wait: Duration,
        /// When it will be cut, if it will.
        deadline: Option<Instant>,
    },
    /// A task has ended, or was dropped before it started.
    #[non_exhaustive]
    TaskEnded {
        /// The scope to which it belongs.
        scope: ScopeId,
        /// The task.
        task: TaskId,
        /// How it ended, and how long it took.
        report: &'a TaskReport<'a>,
    },
    /// A task was not scheduled, since the platform refused it.
    #[non_exhaustive]
    TaskRefused {
        /// The scope in which it was to be scheduled.
        scope: ScopeId,
        /// The name that it would have had.
        name: &'a str,
        /// The kind of the annotated function that wanted to schedule it, if there was one.
        kind: Option<Kind>,
        /// Where `after` was called.
        location: &'static Location<'static>,
        /// Why.
        error: &'a AfterError,
    },
    /// Pages of a site are to be rendered anew.
    #[non_exhaustive]
    Revalidated {
        /// Which, as a revalidation displays it: `path /blog`, or `stale tag posts`.
        pages: &'a str,
        /// Where it was asked for.
        location: &'static Location<'static>,
    },
    /// The platform is being drained: the server was told to stop.
    DrainBegan,
    /// The drain is over.
    #[non_exhaustive]
    DrainEnded {
        /// How many tasks completed meanwhile.
        completed: u64,
        /// How many failed meanwhile.
        failed: u64,
        /// How many were abandoned, since the time was over.
        abandoned: usize,
    },
}

/// What a scope was opened for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Origin<'a> {
    /// A request.
    Request(RequestHead<'a>),
    /// The render of the page at this path, without a request.
    Render(&'a str),
    /// Work of its own, such as a render that a request has begun, and that outlives it.
    Call,
}

/// The head of a request. All of it is the client's: show no more of it than is meant to be seen.
#[derive(Clone, Copy)]
pub struct RequestHead<'a>(pub(crate) &'a Head);

impl<'a> RequestHead<'a> {
    /// Returns the method.
    #[must_use]
    pub fn method(self) -> &'a Method {
        self.0.method()
    }

    /// Returns the path, without the query.
    #[must_use]
    pub fn path(self) -> &'a str {
        self.0.path()
    }

    /// Returns the path with the query.
    #[must_use]
    pub fn uri(self) -> Uri {
        self.0.uri()
    }

    /// Returns a copy of the headers, cookies among them.
    #[must_use]
    pub fn headers(self) -> HeaderMap {
        self.0.headers()
    }
}

impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.path())
    }
}

macro_rules! id {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(pub(super) u64);

        impl $name {
            /// Returns the number: a later one is greater.
            #[must_use]
            pub fn as_u64(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A scope, by a number that no other scope or task of the process has.
    ScopeId
}

id! {
    /// A task, by a number that no other scope or task of the process has.
    TaskId
}
