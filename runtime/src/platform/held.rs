//! Work that is driven by the one who opened its scope.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{Platform, Work, in_process};
use crate::{
    scope::Hosting,
    sync::{Mutex, lock},
};

/// Keeps the work of one scope until its owner drives it.
struct Held {
    /// `None` once there is nobody left to drive it.
    works: Mutex<Option<Vec<Work>>>,
    max_tasks: usize,
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
}

/// Drives what is held, one after the other; more than one there is only if a task is scheduled
/// when all others have ended.
///
/// # Cancel safety
///
/// What has not ended when it is dropped is left to [`in_process`].
pub(crate) struct Driver {
    held: Arc<Held>,
    current: Option<Work>,
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
        let works = Mutex::new(Some(Vec::new()));
        Self { held: Arc::new(Held { works, max_tasks }), current: None }
    }

    /// Returns how a scope leaves its work to this.
    pub(crate) fn hosting(&self) -> Hosting {
        Hosting::Given(Arc::clone(&self.held) as Arc<dyn Platform>)
    }

    /// Waits for the end of the scope, and drives its work to the end.
    pub(crate) async fn drive(mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(work) = &mut self.current {
                ready!(Pin::new(work).poll(cx));
            }
            self.current = lock(&self.held.works).as_mut().and_then(Vec::pop);
            if self.current.is_none() {
                return Poll::Ready(());
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let held = lock(&self.held.works).take();
        let works = self.current.take().into_iter().chain(held.into_iter().flatten());
        works.for_each(|work| in_process().wait_until(work));
    }
}
