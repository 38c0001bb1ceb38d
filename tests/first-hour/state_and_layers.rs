//! A router with state, groups of routes and layers of its own, as a service has it.

use std::{io, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{Path, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use tokio::net::TcpListener;
use with_after::{AfterLayer, after, cookies, outcome, serve, with_after};

struct Shop {
    name: String,
}

#[with_after(component)]
async fn page(State(shop): State<Arc<Shop>>, Path(item): Path<String>) -> String {
    let theme = cookies().await.get("theme").map(|cookie| cookie.value().to_owned());
    after(async move { println!("{item} was shown in {theme:?}") });
    shop.name.clone()
}

#[with_after(middleware)]
async fn log(request: Request, next: Next) -> Response {
    let (path, began) = (request.uri().path().to_owned(), Instant::now());
    after(move || println!("{path}: {:?} in {:?}", outcome(), began.elapsed()));
    next.run(request).await
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let shop = Arc::new(Shop { name: "Tea".into() });
    let items = Router::new().route("/{item}", get(page));
    let app = Router::new().nest("/items", items).layer(middleware::from_fn(log)).with_state(shop);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", serve(listener, AfterLayer::new().layer(app)).await?);
    Ok(())
}
