//! A task that failed.

use std::{error::Error, fmt, panic::Location, time::Duration};

use super::record::TaskInfo;
use crate::{
    error::{AfterError, BoxError},
    net::contain,
    place::Kind,
};

/// A task that failed, as [`AfterLayer::on_failure`][crate::AfterLayer::on_failure] sees it.
///
/// Displays the task's name, the `file:line` of its `after`, and the cause with all that it was
/// caused by: "failed: error sending request: connection refused". What was caused by what is told
/// there and not a second time by [`source`](Error::source), which is `None`; an error as a value
/// is in [`cause`](Self::cause).
#[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("../guide/links/tower.md"))]
#[derive(Debug)]
pub struct TaskFailure {
    info: TaskInfo,
    cause: Cause,
}

/// Why a task failed.
///
/// An error is displayed with its chain of sources, also one whose own `Display` panics.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// It returned an `Err`.
    Error(BoxError),
    /// It panicked, with this message.
    Panicked(String),
    /// It was still running at its deadline, after this time, and was dropped.
    TimedOut(Duration),
    /// It was dropped before it had ended, since the process shuts down.
    Abandoned,
    /// It was never scheduled: [`after`](crate::after) was refused, since the process is
    /// overloaded or shuts down.
    NotScheduled(AfterError),
}

impl TaskFailure {
    pub(crate) fn new(info: TaskInfo, cause: Cause) -> Self {
        Self { info, cause }
    }

    pub(crate) fn info(&self) -> &TaskInfo {
        &self.info
    }

    /// Returns the name given by [`task`](crate::task), or that of the annotated function which
    /// scheduled the task.
    #[must_use]
    pub fn name(&self) -> &str {
        self.info.name()
    }

    /// Returns where `after` was called.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.info.location
    }

    /// Returns the kind of the annotated function that scheduled the task, if there was one.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.info.kind()
    }

    /// Returns why the task failed.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task `{}` ({}) {}", self.name(), self.location(), self.cause)
    }
}

impl Error for TaskFailure {}

impl Cause {
    /// Returns whether it is this library that ended the task, and no code of the user's.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self, Self::TimedOut(_) | Self::Abandoned | Self::NotScheduled(_))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => write!(f, "failed: {}", chain(error.as_ref())),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
            Self::TimedOut(after) => write!(f, "timed out after {:?}", rounded(*after)),
            Self::Abandoned => f.write_str("was abandoned at shutdown"),
            Self::NotScheduled(error) => write!(f, "was not scheduled: {}", error.reason()),
        }
    }
}

impl Cause {
    /// Returns what it says, each error of a chain by itself.
    #[cfg(feature = "inspector")]
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Error(error) => sources(error.as_ref()),
            _ => vec![self.to_string()],
        }
    }
}

/// Returns a time to the millisecond, if it is as long as one.
fn rounded(time: Duration) -> Duration {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    if millis == 0 { time } else { Duration::from_millis(millis) }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    sources(error).join(": ")
}

/// Returns what an error says, and what those say that caused it: all of it is the user's code.
///
/// Many errors say themselves what caused them; that is not repeated.
fn sources(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let tell = || {
        let mut next = Some(error);
        let mut last = String::new();
        // An error that is its own source would never end.
        for _ in 0..MAX_SOURCES {
            let Some(error) = next else { break };
            let text = error.to_string();
            if told.is_empty() || !last.ends_with(&text) {
                told.push(text.clone());
            }
            (last, next) = (text, error.source());
        }
    };
    if let Err(panic) = contain(tell) {
        told.push(format!("its error panicked: {panic}"));
    }
    told
}

/// How many errors of a chain are shown.
const MAX_SOURCES: usize = 32;
