//! The code of a task.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::into_task::{TaskOutput, TaskResult};

/// The code of a task: a future that can be dropped in its place.
pub(crate) trait Code: Future<Output = TaskResult> + Send {
    fn discard(self: Pin<&mut Self>);
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

impl<F, R> Code for Closure<F>
where
    F: FnOnce() -> R + Send,
    R: TaskOutput,
{
    fn discard(mut self: Pin<&mut Self>) {
        self.closure = None;
    }
}

pin_project! {
    /// A task's future, and before it the closure that makes it, in one place: an async block
    /// would keep room for both.
    #[project = StageProjection]
    pub(super) enum Stage<F, C> {
        Waiting { closure: Option<C> },
        Running { #[pin] future: F },
        Discarded,
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
                // Nobody polls again.
                StageProjection::Discarded => return Poll::Pending,
            }
        }
    }
}

impl<F, C> Code for Stage<F, C>
where
    F: Future<Output: TaskOutput> + Send,
    C: FnOnce() -> F + Send,
{
    fn discard(mut self: Pin<&mut Self>) {
        self.set(Self::Discarded);
    }
}
