//! `axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>())`.

use std::{io, net::SocketAddr};

use axum::{Router, extract::ConnectInfo, routing::get};
use tokio::net::TcpListener;
use with_after::{AfterLayer, after, serve, with_after};

#[with_after(route)]
async fn visit(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
    after(async move { println!("answered {address}") });
    address.to_string()
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(visit)).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serve(listener, app).connect_info().await?);
    Ok(())
}
