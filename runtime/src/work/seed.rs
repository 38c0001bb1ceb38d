//! What is known of a task before it runs.

use std::{borrow::Cow, panic::Location, pin::Pin, sync::Arc, time::Duration};

use tokio::time::Instant;
use tracing::{Span, field, span};

use super::into_task::TaskResult;
use crate::phase::{Handler, Kind, Place};

/// For which responses a task runs: see [`TaskBuilder::run_on`](crate::TaskBuilder::run_on).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum RunOn {
    /// Whatever became of the response.
    #[default]
    Always,
    /// For a response that was completed, with a status below 400.
    Success,
    /// For every other.
    Failure,
}

/// What a `TaskBuilder` says of a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) name: Option<Name>,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) run_on: RunOn,
    pub(crate) blocking: bool,
    pub(crate) unique: bool,
}

/// The name of a task, of which there are several copies.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    Static(&'static str),
    Shared(Arc<str>),
}

/// What reports say of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskInfo {
    name: Option<Name>,
    pub(crate) handler: Option<&'static Handler>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) scheduled: Instant,
    /// The task's span, if anybody listens.
    pub(crate) span: Option<span::Id>,
}

/// How long a task may run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Counted from the end of the response, or from `after` if that is later.
    duration: Option<Duration>,
    /// The deadline of the task that scheduled this one.
    inherited: Option<Instant>,
}

/// All that a task is made of, but for its code.
#[derive(Debug)]
pub(crate) struct Seed {
    pub(super) info: TaskInfo,
    pub(super) budget: Budget,
    pub(super) span: Span,
    pub(super) run_on: RunOn,
    /// Has the code run in another place.
    pub(super) elsewhere: Option<Elsewhere>,
}

/// Makes the code of a task that runs another one in another place.
pub(crate) type Elsewhere = fn(BoxFuture) -> BoxFuture;

pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = TaskResult> + Send>>;

impl RunOn {
    /// Returns whether such a task runs after a response that was a success or not.
    pub(crate) fn applies(self, success: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Success => success,
            Self::Failure => !success,
        }
    }
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Static(name) => name,
            Self::Shared(name) => name,
        }
    }
}

impl From<Cow<'static, str>> for Name {
    fn from(name: Cow<'static, str>) -> Self {
        match name {
            Cow::Borrowed(name) => Self::Static(name),
            Cow::Owned(name) => Self::Shared(name.into()),
        }
    }
}

impl TaskInfo {
    pub(crate) fn new(
        options: &Options,
        place: Place,
        location: &'static Location<'static>,
    ) -> Self {
        let name = options.name.clone();
        let scheduled = Instant::now();
        Self { name, handler: place.handler(), location, scheduled, span: None }
    }

    pub(crate) fn name(&self) -> &str {
        match (&self.name, self.handler) {
            (Some(name), _) => name.as_str(),
            (None, Some(handler)) => handler.name,
            (None, None) => "after",
        }
    }

    /// Returns whether the task was given this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|given| given.as_str() == name)
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.handler.map(|handler| handler.kind)
    }
}

impl Seed {
    #[inline]
    pub(crate) fn new(
        mut info: TaskInfo,
        budget: Budget,
        run_on: RunOn,
        elsewhere: Option<Elsewhere>,
    ) -> Self {
        let span = open_span(&info);
        info.span = span.id();
        Self { info, budget, span, run_on, elsewhere }
    }
}

impl Budget {
    /// Returns the budget of a task scheduled at `place`.
    ///
    /// `own` is what the task itself was given, `default` what holds where neither it nor its
    /// handler says anything, and `limit` what no task exceeds.
    pub(crate) fn new(
        place: Place,
        own: Option<Duration>,
        default: Option<Duration>,
        limit: Option<Duration>,
    ) -> Self {
        match place {
            Place::Task(task) => Self { duration: least(own, limit), inherited: task.deadline },
            Place::Handler(handler) => {
                let handlers = handler.and_then(|handler| handler.max_duration);
                let duration = own.or(handlers).or(default);
                Self { duration: least(duration, limit), inherited: None }
            }
        }
    }

    /// Ends it at `end`, at the latest.
    #[cold]
    pub(crate) fn until(self, end: std::time::Instant) -> Self {
        Self { inherited: least(self.inherited, Some(Instant::from_std(end))), ..self }
    }

    /// Returns the deadline of a task whose time begins at `begin`.
    pub(crate) fn deadline(self, begin: Instant) -> Option<Instant> {
        let own = self.duration.and_then(|duration| begin.checked_add(duration));
        least(own, self.inherited)
    }
}

fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Opens the task's span.
///
/// It follows from the span that is current at `after`. It is no child of it, and is opened now:
/// a waiting task would otherwise keep its request's span open until it has run.
#[inline]
fn open_span(info: &TaskInfo) -> Span {
    let span = tracing::info_span!(
        target: "with_after",
        parent: None,
        "after",
        task = info.name(),
        location = %info.location,
        kind = info.kind().map(field::display),
        queue_wait_ms = field::Empty,
        run_time_ms = field::Empty,
    );
    if !span.is_disabled() {
        span.follows_from(Span::current());
    }
    span
}
