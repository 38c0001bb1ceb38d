//! poem 3.

use std::{convert::Infallible, io, sync::Arc};

use axum::{Router, extract::Request};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http_body_util::combinators::BoxBody;
use poem::{
    Body, Endpoint, EndpointExt as _, Route, get, handler,
    http::uri::Scheme,
    post,
    web::{Data, LocalAddr, RemoteAddr},
};
use tower::service_fn;
use with_after::with_after;

use crate::rules::{Shared, hold};

hold!(app);

fn app(shared: Shared) -> Router {
    let routes = Route::new().at("/order", get(take_order)).at("/stream", get(stream_parts));
    router(routes.at("/echo", post(send_back)).data(shared))
}

/// Makes an endpoint a router of axum.
fn router(endpoint: impl Endpoint + 'static) -> Router {
    let endpoint = Arc::new(endpoint.map_to_response());
    Router::new().fallback_service(service_fn(move |request: Request| {
        let endpoint = Arc::clone(&endpoint);
        async move {
            let (head, body) = request.into_parts();
            let head = (head, LocalAddr::default(), RemoteAddr::default(), Scheme::HTTP).into();
            let body = body.into_data_stream().map_err(io::Error::other);
            let request = poem::Request::from_parts(head, Body::from_bytes_stream(body));
            let response = endpoint.get_response(request).await;
            Ok::<_, Infallible>(http::Response::<BoxBody<Bytes, io::Error>>::from(response))
        }
    }))
}

#[with_after(route)]
#[handler]
async fn take_order(Data(shared): Data<&Shared>) -> &'static str {
    shared.order().await
}

#[with_after(route)]
#[handler]
async fn stream_parts(Data(shared): Data<&Shared>) -> Body {
    shared.report.schedule();
    let last = shared.clone().last_part().into_stream();
    let parts = stream::iter([Bytes::from_static(b"first")]).chain(last);
    Body::from_bytes_stream(parts.map(Ok::<_, io::Error>))
}

#[with_after(route)]
#[handler]
async fn send_back(body: String) -> String {
    body
}
