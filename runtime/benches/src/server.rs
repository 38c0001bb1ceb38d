//! Serves one variant on one thread.

use std::{future::pending, io, process};

use axum::{Router, routing::get, serve::ListenerExt as _};
use tokio::{net::TcpListener, runtime};
use with_after::AfterLayer;

use crate::{
    pages,
    variant::{Host, Variant},
};

/// Creates the runtime of whatever is counted: one thread, so that nothing depends on the
/// scheduler of the system.
///
/// # Errors
///
/// Fails where the system gives it no event queue.
pub fn one_thread() -> io::Result<runtime::Runtime> {
    runtime::Builder::new_current_thread().enable_all().build()
}

/// Serves `variant` on `listener` until the process ends; a request of `/quit` ends it.
///
/// # Errors
///
/// Fails where the listener cannot be used.
pub async fn serve(variant: Variant, listener: std::net::TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    // Else each second part of a response would wait for the client's system.
    let listener = TcpListener::from_std(listener)?.tap_io(|stream| drop(stream.set_nodelay(true)));
    let app = (variant.app)().merge(Router::new().route("/quit", get(quit)));
    match variant.host {
        Host::Axum => axum::serve(listener, app).await,
        Host::Serve => with_after::serve(listener, app).shutdown_on(pending()).await.map(drop),
        Host::Site => {
            let app = AfterLayer::new().layer(pages::site(pages::fixed));
            with_after::serve(listener, app).shutdown_on(pending()).await.map(drop)
        }
        #[cfg(feature = "inspector")]
        Host::Inspected | Host::Watched => {
            let inspector = with_after::inspector::Inspector::new();
            let app = app.nest_service("/_after", inspector.service());
            let app = AfterLayer::new().layer(app.with_state(()));
            let serving = with_after::serve(listener, app).observe(inspector);
            serving.shutdown_on(pending()).await.map(drop)
        }
        Host::ServeAround => {
            let app = AfterLayer::new().layer(app.with_state(()));
            with_after::serve(listener, app).shutdown_on(pending()).await.map(drop)
        }
    }
}

async fn quit() {
    process::exit(0);
}
