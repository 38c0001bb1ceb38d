//! The error of the public functions.

use std::{error::Error, fmt};

#[doc(hidden)]
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a job was not stored, or the store could not be asked.
#[derive(Debug)]
pub struct JobError {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Arguments { job: String, reason: String },
    Setup(String),
    Workers(String),
    Store { doing: &'static str, source: BoxError },
}

impl JobError {
    pub(crate) fn arguments(job: String, reason: String) -> Self {
        Self { kind: Kind::Arguments { job, reason } }
    }

    pub(crate) fn setup(reason: impl Into<String>) -> Self {
        Self { kind: Kind::Setup(reason.into()) }
    }

    pub(crate) fn workers(reason: impl Into<String>) -> Self {
        Self { kind: Kind::Workers(reason.into()) }
    }

    /// Makes a function that turns an engine's error into this, for `map_err`.
    pub(crate) fn store<E: Into<BoxError>>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self { kind: Kind::Store { doing, source: error.into() } }
    }

    /// Returns whether an argument could not be serialised.
    #[must_use]
    pub fn is_arguments(&self) -> bool {
        matches!(self.kind, Kind::Arguments { .. })
    }

    /// Returns whether the database is not what is needed; the message says what to do.
    #[must_use]
    pub fn is_setup(&self) -> bool {
        matches!(self.kind, Kind::Setup(_))
    }

    /// Returns whether workers were not started, since something that their jobs need is missing.
    #[must_use]
    pub fn is_workers(&self) -> bool {
        matches!(self.kind, Kind::Workers(_))
    }

    /// Returns whether the database failed, which may be over at the next try.
    #[must_use]
    pub fn is_store(&self) -> bool {
        matches!(self.kind, Kind::Store { .. })
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Arguments { job, reason } => {
                write!(f, "the job {job} was not stored: its argument {reason}")
            }
            Kind::Setup(reason) | Kind::Workers(reason) => f.write_str(reason),
            Kind::Store { doing, source } => write!(f, "{doing} failed: {source}"),
        }
    }
}

impl Error for JobError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            Kind::Store { source, .. } => Some(source.as_ref()),
            Kind::Arguments { .. } | Kind::Setup(_) | Kind::Workers(_) => None,
        }
    }
}
