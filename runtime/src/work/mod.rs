//! The tasks of a scope, and the work that runs them.

mod code;
mod drive;
mod failure;
mod into_task;
mod options;
mod queue;
mod record;
mod span;
mod task;
mod waiting;

#[cfg(all(test, with_after_loom))]
mod models;

pub(crate) use self::{
    code::BoxFuture,
    drive::{Ended, Fate, Owner, abandon, begin, discard, skip},
    into_task::{NewTask, TaskSeed},
    options::{Budget, Options},
    queue::{Handover, Host, Meter, Pending, Queue, Rejected, Start},
    record::TaskInfo,
    task::{Seed, Task},
};
pub use self::{
    drive::Work,
    failure::{Cause, TaskFailure},
    into_task::{IntoTask, TaskOutput},
    options::RunOn,
};
