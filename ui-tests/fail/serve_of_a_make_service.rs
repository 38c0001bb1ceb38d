//! A habit from `axum::serve`: the service that makes services.

use std::{io, net::SocketAddr};

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use with_after::{AfterLayer, serve};

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(|| async { "hello" })).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("{}", serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?);
    Ok(())
}
