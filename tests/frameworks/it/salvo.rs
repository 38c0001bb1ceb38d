//! salvo 1.

use std::convert::Infallible;

use axum::{extract::Request, response::IntoResponse as _};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http::{StatusCode, uri::Scheme};
use http_body_util::StreamBody;
use hyper::{body::Frame, service::Service as _};
use salvo::{
    Depot, Response, Router, Service,
    affix_state::inject,
    conn::{ConnCtrl, SocketAddr},
    handler,
    http::{ReqBody, ResBody},
};
use sync_wrapper::SyncStream;
use tower::service_fn;
use with_after::with_after;

use crate::rules::{Shared, hold};

hold!(app);

fn app(shared: Shared) -> axum::Router {
    let router = Router::new().hoop(inject(shared));
    let router = router.push(Router::with_path("order").get(take_order));
    let router = router.push(Router::with_path("stream").get(stream_parts));
    axum_router(router.push(Router::with_path("echo").post(send_back)))
}

/// Makes a router of salvo one of axum.
fn axum_router(router: Router) -> axum::Router {
    let unknown = SocketAddr::Unknown;
    let handler = Service::new(router).hyper_handler(
        unknown.clone(),
        unknown,
        Scheme::HTTP,
        None,
        ConnCtrl::new(),
        None,
    );
    axum::Router::new().fallback_service(service_fn(move |request: Request| {
        let response = handler.call(request.map(|body| {
            let frames = body.into_data_stream().map_ok(Frame::data).map_err(Into::into);
            let inner = Box::pin(StreamBody::new(SyncStream::new(frames)));
            ReqBody::Boxed { inner, fuse_config: None }
        }));
        async {
            Ok::<_, Infallible>(match response.await {
                Ok(response) => response.map(axum::body::Body::new),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            })
        }
    }))
}

fn shared(depot: &Depot) -> Shared {
    depot.get_typed::<Shared>().expect("it is injected").clone()
}

#[with_after(route)]
#[handler]
async fn take_order(depot: &mut Depot) -> &'static str {
    shared(depot).order().await
}

#[with_after(route)]
#[handler]
async fn stream_parts(depot: &mut Depot, response: &mut Response) {
    let shared = shared(depot);
    shared.report.schedule();
    let parts = stream::iter([Bytes::from_static(b"first")]);
    let parts = parts.chain(shared.last_part().into_stream());
    response.body(ResBody::stream(parts.map(Ok::<_, std::io::Error>)));
}

#[with_after(route)]
#[handler]
async fn send_back(request: &mut salvo::Request) -> String {
    let body = request.payload().await.expect("it comes");
    String::from_utf8_lossy(body).into_owned()
}
