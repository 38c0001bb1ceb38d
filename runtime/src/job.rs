//! What `with-after-jobs` needs, and no one else.

use std::{
    panic::Location,
    sync::{Arc, OnceLock},
};

use crate::{
    connection::Opened,
    error::BoxError,
    host::Policy,
    net,
    outcome::Ending,
    place::{self, Kind},
    platform::Driver,
    scope::{self, Origin},
};

/// Returns the `T` of the current scope, of which there is one for each scope and type, if there
/// is a response still to be finished; code of a job waits for none.
///
/// When it is finished `end` is called, once, with that `T`. What it returns is driven like a task
/// called `name` and scheduled at `caller`, by the scope's platform, which waits for it too. But it
/// takes no place of a task, is admitted by nobody, and runs whatever the response was. A failure of
/// it is reported like a task's.
#[must_use]
pub fn at_end<T, F>(
    name: &'static str,
    caller: &'static Location<'static>,
    end: fn(Arc<T>) -> F,
) -> Option<Arc<T>>
where
    T: Default + Send + Sync + 'static,
    F: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    if place::current().kind() == Some(Kind::Job) {
        return None;
    }
    let scope = scope::current().filter(|scope| scope.is_open())?;
    if scope.platform().refusal().is_some() {
        return None;
    }
    let cell = scope.memo().cell::<T, OnceLock<Arc<T>>>(Vec::new());
    let mut is_new = false;
    let shared = cell.get_or_init(|| {
        is_new = true;
        Arc::default()
    });
    if is_new {
        let shared = Arc::clone(shared);
        scope.follow(name, move || end(shared), caller).ok()?;
    }
    Some(Arc::clone(shared))
}

/// Runs a job in a scope of its own, and returns its output, and the tasks that it has scheduled,
/// if there are any.
///
/// # Cancel safety
///
/// If the returned future is dropped, `future` is dropped and the tasks scheduled so far run on
/// [`platform::in_process()`](crate::platform::in_process()).
pub async fn run_job<F: Future>(future: F) -> (F::Output, Option<JobTasks>) {
    let driver = Driver::new();
    let policy = Arc::new(Policy::new(driver.hosting()));
    let mut opened = Opened::new(policy, Origin::Call);
    let output = opened.run(future).await;
    if !driver.has_work() {
        opened.finish(Ending::returned());
        return (output, None);
    }
    (output, Some(JobTasks { opened, driver }))
}

/// The tasks of a job. They wait until they are run.
#[must_use = "the tasks run when this does"]
#[expect(missing_debug_implementations, reason = "only `with-after-jobs` holds it")]
pub struct JobTasks {
    opened: Opened,
    driver: Driver,
}

impl JobTasks {
    /// Runs the tasks, and returns when all have ended.
    pub async fn run(mut self) {
        self.opened.finish(Ending::returned());
        self.driver.drive().await;
    }
}

/// Calls a user's code.
///
/// # Errors
///
/// Returns the message of its panic, if it does.
pub fn contain<R>(code: impl FnOnce() -> R) -> Result<R, String> {
    net::contain(code)
}
