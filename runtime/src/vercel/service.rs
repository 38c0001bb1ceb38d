//! The application, in scopes.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::BodyExt as _;
use tower_service::Service;
use vercel_runtime::{AppState, Error, Request, ResponseBody};

use super::{body::Held, host::Host};
use crate::{
    connection::Announced,
    middleware::{AfterLayer, AfterService},
};

/// Makes a function of an axum router, or another tower service of HTTP, below `layer`: its tasks
/// start when the response has been sent, and keep the invocation open until they have ended.
///
/// It is what `vercel_runtime::run` takes, and does what that crate's `VercelLayer` does; but it
/// streams every response. The extensions of a request hold the runtime's `AppState`.
///
/// # Panics
///
/// The service panics when it is called outside of a tokio runtime.
///
/// # Examples
///
/// ```no_run
/// use axum::{Router, routing::post};
/// use vercel_runtime::{Error, run};
/// use with_after::{AfterLayer, after, vercel, with_after};
///
/// #[with_after(route)]
/// async fn order() -> &'static str {
///     after(async { println!("the response is sent") });
///     "thank you"
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     let app = Router::new().route("/orders", post(order));
///     run(vercel::function(&AfterLayer::new(), app)).await
/// }
/// ```
pub fn function<S>(layer: &AfterLayer, app: S) -> Function<S> {
    Function { service: layer.layer(app) }
}

/// Puts what is a function already below `layer`: the service of `vercel_runtime::service_fn`, or
/// another that `vercel_runtime::run` takes.
///
/// # Panics
///
/// The service panics when it is called outside of a tokio runtime.
///
/// # Examples
///
/// ```no_run
/// use vercel_runtime::{AppState, Error, Request, run, service_fn};
/// use with_after::{AfterLayer, after, vercel, with_after};
///
/// #[with_after(route)]
/// async fn order(_: Request, _: AppState) -> Result<&'static str, Error> {
///     after(async { println!("the response is sent") });
///     Ok("thank you")
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), Error> {
///     run(vercel::around(&AfterLayer::new(), service_fn(order))).await
/// }
/// ```
pub fn around<S>(layer: &AfterLayer, function: S) -> Function<WithState<S>> {
    self::function(layer, WithState { function })
}

/// The service that [`function`] and [`around`] return.
#[derive(Clone, Debug)]
pub struct Function<S> {
    service: AfterService<S>,
}

/// A service that takes the state of the runtime from its requests.
#[derive(Clone, Debug)]
pub struct WithState<S> {
    function: S,
}

impl<S, B> Service<(AppState, Request)> for Function<S>
where
    S: Service<Request, Response = Response<B>, Error: Into<Error>>,
    S::Future: Send + 'static,
    B: Body<Data = Bytes, Error: Into<Error>> + Send + 'static,
{
    type Response = Response<ResponseBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, (state, mut request): (AppState, Request)) -> Self::Future {
        let host = Host::new(state.clone());
        let open = host.hold();
        let announced = Announced { platform: Arc::new(host), connection: None };
        request.extensions_mut().insert(announced);
        request.extensions_mut().insert(state);
        let response = self.service.call(request);
        Box::pin(async move {
            let response = response.await.map_err(Into::into)?;
            Ok(response.map(|body| ResponseBody(Held::new(body, open).boxed())))
        })
    }
}

impl<S> Service<Request> for WithState<S>
where
    S: Service<(AppState, Request)>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.function.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        let state = request.extensions_mut().remove::<AppState>();
        // The service around, without which there is none of these, has put it there.
        let state = state.expect("the request carries it");
        self.function.call((state, request))
    }
}
