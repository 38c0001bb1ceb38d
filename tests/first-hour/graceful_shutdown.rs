//! `axum::serve(listener, app).with_graceful_shutdown(signal)`.

use std::{io, time::Duration};

use axum::{Router, routing::get};
use tokio::{net::TcpListener, sync::oneshot};
use with_after::{AfterLayer, serve};

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(|| async { "hello" })).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (stop, stopped) = oneshot::channel::<()>();
    drop(stop);
    let signal = async { drop(stopped.await) };
    let report = serve(listener, app).shutdown_on(signal).drain_within(Duration::from_secs(10)).await?;
    println!("{report}");
    Ok(())
}
