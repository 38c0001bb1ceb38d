//! The state of a router is missing.

use std::io;

use axum::{Router, extract::State, routing::get};
use tokio::net::TcpListener;
use with_after::{AfterLayer, serve};

async fn hello(State(name): State<String>) -> String {
    format!("Hello, {name}!")
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(hello)).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("{}", serve(listener, app).await?);
    Ok(())
}
