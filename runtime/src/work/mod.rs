//! One piece of work, and the queue in which a scope keeps its own.

mod code;
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
    into_task::{NewTask, TaskSeed},
    queue::{Handover, Queue, Rejected, Scheduled, Step},
    seed::{BoxFuture, Budget, Options, Seed, TaskInfo},
    task::Task,
};
pub use self::{
    failure::{Cause, TaskFailure},
    into_task::{IntoTask, TaskOutput},
    seed::RunOn,
};
