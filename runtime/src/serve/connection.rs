//! Drives one connection.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Poll, ready},
};

use axum::extract::Request;
use bytes::Bytes;
use http::Response;
use http_body::Body;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::{
    answers::Answers,
    connections::{Open, Order},
};
use crate::{error::BoxError, net::tell};

/// Serves one connection to its end.
pub(super) async fn serve_connection<I, S, A, B>(
    http: Arc<Builder<TokioExecutor>>,
    io: I,
    app: Answers<S, A>,
    mut open: Open,
) where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Clone + Send + Sync + 'static,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let connection = Arc::clone(open.connection());
    let mut serving = pin!(http.serve_connection_with_upgrades(TokioIo::new(io), app));
    let mut finishing = false;
    poll_fn(|cx| {
        match open.order(cx) {
            Order::Serve => (),
            Order::Close => return Poll::Ready(()),
            Order::DropHeads if connection.head_is_arriving() => return Poll::Ready(()),
            Order::Finish | Order::DropHeads if finishing => (),
            Order::Finish | Order::DropHeads => {
                finishing = true;
                serving.as_mut().graceful_shutdown();
            }
        }
        let polled = connection.poll(|| serving.as_mut().poll(cx));
        if polled.is_pending() {
            open.watch_head();
        }
        if let Err(error) = ready!(polled) {
            tell(|| tracing::trace!(error, "connection failed"));
        }
        Poll::Ready(())
    })
    .await;
}
