//! What a careful user writes without the library: a tower layer and a body wrapper that spawn the
//! tasks at the end of the body, knowing status and outcome, and catch their panics.

use std::{
    future::Future,
    mem,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use futures_util::FutureExt as _;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::task::TaskTracker;
use tower_layer::Layer;
use tower_service::Service;

/// How the response ended, for the tasks.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Ended {
    /// `None` if the handler was dropped before it answered.
    pub status: Option<StatusCode>,
    /// Whether the body was produced to its end.
    pub completed: bool,
}

type Task = Box<dyn FnOnce(Ended) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// The queue of one request, found in its extensions.
#[derive(Clone, Default)]
#[expect(missing_debug_implementations, reason = "tasks show nothing")]
pub struct AfterResponse(Arc<Mutex<Vec<Task>>>);

impl AfterResponse {
    /// Schedules `task`.
    pub fn push<F>(&self, task: impl FnOnce(Ended) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let task: Task = Box::new(move |ended| Box::pin(task(ended)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }
}

/// The layer.
#[derive(Clone, Debug, Default)]
pub struct HandWrittenLayer {
    tracker: TaskTracker,
}

impl<S> Layer<S> for HandWrittenLayer {
    type Service = HandWritten<S>;

    fn layer(&self, inner: S) -> HandWritten<S> {
        HandWritten { inner, tracker: self.tracker.clone() }
    }
}

/// The service of [`HandWrittenLayer`].
#[derive(Clone, Debug)]
pub struct HandWritten<S> {
    inner: S,
    tracker: TaskTracker,
}

impl<S, B, C> Service<Request<B>> for HandWritten<S>
where
    S: Service<Request<B>, Response = Response<C>>,
    C: Body,
{
    type Response = Response<GuardedBody<C>>;
    type Error = S::Error;
    type Future = GuardedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let queue = AfterResponse::default();
        request.extensions_mut().insert(queue.clone());
        let ended = Ended { status: None, completed: false };
        let guard = Guard { queue, tracker: self.tracker.clone(), ended };
        GuardedFuture { future: self.inner.call(request), guard: Some(guard) }
    }
}

/// Spawns the tasks when it is dropped.
struct Guard {
    queue: AfterResponse,
    tracker: TaskTracker,
    ended: Ended,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let ended = self.ended;
        let tasks = mem::take(&mut *self.queue.0.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            drop(self.tracker.spawn(async move {
                // The hook has printed the panic.
                drop(AssertUnwindSafe(task(ended)).catch_unwind().await);
            }));
        }
    }
}

pin_project! {
    /// The future of [`HandWritten`].
    pub struct GuardedFuture<F> {
        #[pin]
        future: F,
        guard: Option<Guard>,
    }
}

impl<F, C, E> Future for GuardedFuture<F>
where
    F: Future<Output = Result<Response<C>, E>>,
    C: Body,
{
    type Output = Result<Response<GuardedBody<C>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (parts, body) = ready!(this.future.poll(cx))?.into_parts();
        let mut guard = this.guard.take();
        if let Some(guard) = &mut guard {
            guard.ended = Ended { status: Some(parts.status), completed: body.is_end_stream() };
        }
        Poll::Ready(Ok(Response::from_parts(parts, GuardedBody { body, guard })))
    }
}

pin_project! {
    /// The body of a response, at whose end the tasks are spawned.
    pub struct GuardedBody<C> {
        #[pin]
        body: C,
        guard: Option<Guard>,
    }
}

impl<C: Body> Body for GuardedBody<C> {
    type Data = C::Data;
    type Error = C::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<C::Data>, C::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        if let Some(guard) = this.guard {
            guard.ended.completed |= frame.is_none() || this.body.is_end_stream();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
