//! What `with-after-jobs` needs to know, and no one else.

use crate::{
    error::Caller,
    place::{Handler, Place},
    scope,
    work::{Cause, Options, TaskFailure, TaskInfo},
};

/// Returns whether there is a scope whose end is still to come.
#[must_use]
pub fn response_is_open() -> bool {
    scope::current().is_some_and(|scope| scope.is_open())
}

/// Creates the failure of a job which stands at `location`.
#[must_use]
pub fn job_failed(job: &'static Handler, location: Caller, cause: Cause) -> TaskFailure {
    let place = Place::Handler(Some(job));
    TaskFailure::new(TaskInfo::new(&Options::default(), place, location), cause)
}
