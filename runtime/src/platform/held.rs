//! Work that is driven by the one who opened its scope.

use std::{
    future::poll_fn,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{Platform, Work, in_process};
#[cfg(feature = "observe")]
use crate::host::{Observer, Observers};
use crate::{
    host::Hosting,
    sync::{Mutex, lock},
};

/// Keeps work until its owner drives it.
pub(crate) struct Held {
    /// `None` once there is nobody left to drive it.
    works: Mutex<Option<Vec<Work>>>,
    max_tasks: usize,
    #[cfg(feature = "observe")]
    observers: Arc<Observers>,
}

impl Held {
    pub(crate) fn new() -> Self {
        Self::with_max_tasks(usize::MAX)
    }

    fn with_max_tasks(max_tasks: usize) -> Self {
        Self {
            works: Mutex::new(Some(Vec::new())),
            max_tasks,
            #[cfg(feature = "observe")]
            observers: Arc::default(),
        }
    }

    /// Drives the work; is ready when none is left.
    pub(crate) fn poll_idle(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // Not locked meanwhile: a task that schedules another may bring new work.
            let mut works = lock(&self.works).as_mut().map(mem::take).unwrap_or_default();
            works.retain_mut(|work| Pin::new(work).poll(cx).is_pending());
            let mut held = lock(&self.works);
            // Closed only by its owner, who also drives it.
            let Some(held) = &mut *held else { return Poll::Ready(()) };
            let brought = !held.is_empty();
            held.append(&mut works);
            if held.is_empty() {
                return Poll::Ready(());
            }
            if !brought {
                return Poll::Pending;
            }
        }
    }

    fn has_work(&self) -> bool {
        lock(&self.works).as_ref().is_some_and(|works| !works.is_empty())
    }

    /// Returns what is held, and leaves all that comes later to [`in_process`].
    pub(crate) fn close(&self) -> Vec<Work> {
        lock(&self.works).take().unwrap_or_default()
    }
}

impl Platform for Held {
    fn max_tasks_per_request(&self) -> usize {
        self.max_tasks
    }

    fn wait_until(&self, work: Work) {
        let orphan = match &mut *lock(&self.works) {
            Some(works) => {
                works.push(work);
                None
            }
            None => Some(work),
        };
        if let Some(work) = orphan {
            in_process().wait_until(work);
        }
    }

    #[cfg(feature = "observe")]
    fn observer(&self) -> Option<&dyn Observer> {
        self.observers.any()
    }
}

/// Drives what is held.
///
/// # Cancel safety
///
/// What has not ended when it is dropped is left to [`in_process`].
pub(crate) struct Driver {
    held: Arc<Held>,
}

impl Driver {
    pub(crate) fn new() -> Self {
        Self::with_max_tasks(usize::MAX)
    }

    /// Creates one for work that a request would leave to [`in_process`], with its limit.
    #[cfg(feature = "prerender")]
    pub(crate) fn limited() -> Self {
        Self::with_max_tasks(in_process().max_tasks_per_request())
    }

    fn with_max_tasks(max_tasks: usize) -> Self {
        Self { held: Arc::new(Held::with_max_tasks(max_tasks)) }
    }

    /// Has these observers told of the work; nobody else has it yet.
    #[cfg(all(feature = "observe", feature = "prerender"))]
    pub(crate) fn observed_by(mut self, observers: &Arc<Observers>) -> Self {
        if let Some(held) = Arc::get_mut(&mut self.held) {
            held.observers = Arc::clone(observers);
        }
        self
    }

    /// Returns how a scope leaves its work to this.
    pub(crate) fn hosting(&self) -> Hosting {
        Hosting::Given(Arc::clone(&self.held) as Arc<dyn Platform>)
    }

    /// Returns whether there is any work.
    pub(crate) fn has_work(&self) -> bool {
        self.held.has_work()
    }

    /// Waits for the end of the scope, and drives its work to the end.
    pub(crate) async fn drive(self) {
        poll_fn(|cx| self.held.poll_idle(cx)).await;
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.held.close().into_iter().for_each(|work| in_process().wait_until(work));
    }
}
