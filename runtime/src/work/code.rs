//! The code of a task.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::into_task::{TaskOutput, TaskResult};
use crate::place::{Here, InPlace};

pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = TaskResult> + Send>>;

/// The code of a task: a future that can be dropped where it is pinned.
pub(super) trait Code: Send {
    /// Polls the code, which is pending for ever once it was discarded.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskResult>;

    /// Drops the code, and returns the message of its panic if it does.
    fn discard(self: Pin<&mut Self>) -> Result<(), String>;
}

impl<F> Code for InPlace<F, Here>
where
    F: Future<Output = TaskResult> + Send,
{
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskResult> {
        self.call(|code, _| code.poll(cx)).unwrap_or(Poll::Pending)
    }

    #[inline]
    fn discard(self: Pin<&mut Self>) -> Result<(), String> {
        self.discard()
    }
}

/// A closure as a future that is ready at once.
pub(super) struct Closure<F> {
    closure: Option<F>,
}

impl<F> Closure<F> {
    pub(super) fn new(closure: F) -> Self {
        Self { closure: Some(closure) }
    }
}

impl<F> Unpin for Closure<F> {}

impl<F, R> Future for Closure<F>
where
    F: FnOnce() -> R,
    R: TaskOutput,
{
    type Output = TaskResult;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<TaskResult> {
        // Gone only if the closure panicked, after which nobody polls again.
        self.closure.take().map_or(Poll::Pending, |closure| Poll::Ready(closure().into_result()))
    }
}

pin_project! {
    /// A task's future, and before it the closure that makes it, in one place: an async block
    /// would keep room for both.
    #[project = StageProjection]
    pub(super) enum Stage<F, C> {
        Waiting { closure: Option<C> },
        Running { #[pin] future: F },
    }
}

impl<F, C> Future for Stage<F, C>
where
    F: Future<Output: TaskOutput>,
    C: FnOnce() -> F,
{
    type Output = TaskResult;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<TaskResult> {
        loop {
            match self.as_mut().project() {
                StageProjection::Running { future } => {
                    return future.poll(cx).map(TaskOutput::into_result);
                }
                StageProjection::Waiting { closure } => {
                    // Gone only if the closure panicked, after which nobody polls again.
                    let Some(closure) = closure.take() else { return Poll::Pending };
                    let future = closure();
                    self.set(Self::Running { future });
                }
            }
        }
    }
}
