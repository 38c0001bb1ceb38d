//! The tasks of a scope, and the work that runs them.

mod code;
mod drive;
mod failure;
mod into_task;
mod options;
mod owner;
mod queue;
mod record;
mod span;
mod start;
mod task;
mod waiting;
mod waker;

#[cfg(all(test, with_after_loom))]
mod models;

pub(crate) use self::{
    code::BoxFuture,
    drive::begin,
    into_task::{NewTask, TaskSeed},
    options::{Budget, Options},
    owner::{Ended, Fate, Owner, abandon, discard, skip},
    queue::{Handover, Queue, Rejected},
    record::TaskInfo,
    span::Lineage,
    start::{Host, Meter, Pending, Start},
    task::{Seed, Task},
};
pub use self::{
    drive::Work,
    failure::{Cause, TaskFailure},
    into_task::{IntoTask, TaskOutput},
    options::RunOn,
};
