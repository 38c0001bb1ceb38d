//! What is known of a task before it runs.

use std::{borrow::Cow, panic::Location, time::Duration};

use tokio::time::Instant;
use tracing::{Span, field, span};

use crate::{
    outcome::Outcome,
    phase::{Handler, Kind, Place},
};

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
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) run_on: RunOn,
    pub(crate) blocking: bool,
    pub(crate) unique: bool,
}

/// What reports say of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskInfo {
    name: Option<Cow<'static, str>>,
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
    pub(super) handler: Option<&'static Handler>,
    pub(super) location: &'static Location<'static>,
    pub(super) scheduled: Instant,
    pub(super) budget: Budget,
    pub(super) span: Span,
    pub(super) run_on: RunOn,
    pub(super) blocking: bool,
}

impl RunOn {
    /// Returns whether such a task runs after a response that ended so.
    pub(crate) fn applies(self, outcome: Option<Outcome>) -> bool {
        let success = outcome.is_none_or(Outcome::is_success);
        match self {
            Self::Always => true,
            Self::Success => success,
            Self::Failure => !success,
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
            (Some(name), _) => name,
            (None, Some(handler)) => handler.name,
            (None, None) => "after",
        }
    }

    /// Returns whether the task was given this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.handler.map(|handler| handler.kind)
    }
}

impl Seed {
    pub(crate) fn new(info: &mut TaskInfo, budget: Budget, options: &Options) -> Self {
        let span = open_span(info);
        info.span = span.id();
        let TaskInfo { handler, location, scheduled, .. } = *info;
        let Options { run_on, blocking, .. } = *options;
        Self { handler, location, scheduled, budget, span, run_on, blocking }
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
