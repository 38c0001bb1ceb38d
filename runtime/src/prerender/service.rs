//! A site as a service.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{PageBody, Site, answer::Asked};

impl<B> Service<Request<B>> for Site {
    type Response = Response<PageBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    /// # Panics
    ///
    /// The future panics where a page is to be rendered and no tokio runtime is running.
    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (site, asked) = (self.clone(), Asked::new(&request));
        Box::pin(async move { Ok(site.answer(asked).await) })
    }
}

#[cfg(feature = "axum")]
impl<S: Clone + Send + Sync + 'static> From<Site> for axum::Router<S> {
    /// Makes a router with a GET route for each page, to which other routes can be added.
    fn from(site: Site) -> Self {
        let mut router = Self::new();
        for page in &site.shared.pages {
            let path = page.pattern.to_string();
            router = router.route(&path, axum::routing::get_service(site.clone()));
        }
        router
    }
}
