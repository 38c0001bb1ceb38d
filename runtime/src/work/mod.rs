//! One piece of work, and the queue in which a scope keeps its own.

mod failure;
mod into_task;
mod queue;
mod running;
mod task;

#[cfg(all(test, with_after_loom))]
mod models;

pub use self::{
    failure::{Cause, TaskFailure},
    into_task::{IntoTask, TaskOutput},
    task::RunOn,
};
pub(crate) use self::{
    into_task::{Code, TaskBody, TaskResult},
    queue::{Handover, Live, Queue, Start, Step},
    running::{Ended, Running},
    task::{Budget, Options, Task, TaskInfo},
};
