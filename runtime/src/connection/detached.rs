//! Work that waits for no response.

use std::sync::Arc;

use super::end::Opened;
use crate::{
    error::{AfterError, Caller},
    host::Policy,
    outcome::Ending,
    place::Context as _,
    scope::Origin,
    work::{NewTask, Options, TaskSeed},
};

/// Runs a task at once, as work of its own on the policy's platform.
pub(crate) fn detach(
    policy: Policy,
    make: impl FnOnce(TaskSeed) -> NewTask,
    options: &Options,
    caller: Caller,
) -> Result<(), AfterError> {
    let mut opened = Opened::new(Arc::new(policy), Origin::Call);
    let Some(scope) = opened.scope().cloned() else { return Ok(()) };
    let entered = opened.enter();
    let scheduled = scope.schedule(make, options, caller);
    drop(entered);
    opened.finish(Ending::returned());
    scheduled
}
