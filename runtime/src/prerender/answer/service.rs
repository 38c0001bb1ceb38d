//! A site as a service.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{PageBody, asked::Asked};
use crate::prerender::Site;

/// The answer of a [`Site`], as a future.
pub struct PageFuture {
    state: State,
}

enum State {
    /// `None` once it was returned.
    Ready(Option<Response<PageBody>>),
    Rendering(Pin<Box<dyn Future<Output = Response<PageBody>> + Send>>),
}

impl<B> Service<Request<B>> for Site {
    type Response = Response<PageBody>;
    type Error = Infallible;
    type Future = PageFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// # Panics
    ///
    /// The future panics where a page is to be rendered and no tokio runtime is running.
    fn call(&mut self, request: Request<B>) -> PageFuture {
        let state = match self.answer_ready(&request) {
            Some(response) => State::Ready(Some(response)),
            None => State::Rendering(Box::pin(self.clone().answer(Asked::new(&request)))),
        };
        PageFuture { state }
    }
}

impl Future for PageFuture {
    type Output = Result<Response<PageBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.state {
            // Nobody polls it again.
            State::Ready(response) => response.take().map_or(Poll::Pending, |r| Poll::Ready(Ok(r))),
            State::Rendering(answer) => answer.as_mut().poll(cx).map(Ok),
        }
    }
}

impl fmt::Debug for PageFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageFuture").finish_non_exhaustive()
    }
}

#[cfg(feature = "axum")]
impl<S: Clone + Send + Sync + 'static> From<Site> for axum::Router<S> {
    /// Makes a router with a GET route for each page, to which other routes can be added, and with
    /// the site as its fallback: for other spellings of a path (`/%61bout`), for slashes that are
    /// to be redirected, and for what is not there.
    ///
    /// axum merges no two routers that have a fallback. An application with one of its own sets it
    /// after the merge, and then answers for what is said above by itself.
    fn from(site: Site) -> Self {
        let mut router = Self::new();
        let patterns: Vec<_> = site.store().families().map(|(_, pattern)| pattern).collect();
        for pattern in &patterns {
            // axum would refuse it; the fallback answers for it.
            let clashes = patterns.iter().any(|other| pattern.rest_clashes_with(other));
            if !clashes {
                let route = axum::routing::get_service(site.clone());
                router = router.route(&pattern.to_string(), route);
            }
        }
        drop(patterns);
        router.fallback_service(site)
    }
}
