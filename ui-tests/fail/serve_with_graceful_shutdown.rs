//! A habit from `axum::serve`: it works, and tells its name here.
#![deny(deprecated)]

use std::io;

use axum::{Router, routing::get};
use tokio::net::TcpListener;
use with_after::{AfterLayer, serve};

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(|| async { "hello" })).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("{}", serve(listener, app).with_graceful_shutdown(async {}).await?);
    Ok(())
}
