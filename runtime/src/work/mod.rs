//! One piece of work, and the queue in which a scope keeps its own.

mod failure;
mod into_task;
mod queue;
mod roster;
mod seed;
mod task;

#[cfg(all(test, with_after_loom))]
mod models;

pub(crate) use self::{
    failure::contain,
    into_task::{NewTask, TaskResult, TaskSeed},
    queue::{Handover, Queue, Rejected, Start, Step},
    roster::Live,
    seed::{Budget, Options, Seed, TaskInfo},
    task::{Ended, Task, TaskCode},
};
pub use self::{
    failure::{Cause, TaskFailure},
    into_task::{IntoTask, TaskOutput},
    seed::RunOn,
};
