//! What is asked of a task, and how long it may run.

use std::time::Duration;

use tokio::time::Instant;

use super::record::Name;
use crate::place::Place;

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

/// How long a task may run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Counted from the end of the response, or from `after` if that is later.
    duration: Option<Duration>,
    /// The deadline of the task that scheduled this one.
    inherited: Option<Instant>,
}

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
