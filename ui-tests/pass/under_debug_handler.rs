#![deny(warnings)]

use axum::{Json, Router, extract::State, routing::post};
use with_after::{after, with_after};

#[axum::debug_handler]
#[with_after]
async fn outside(State(name): State<String>, Json(order): Json<u8>) -> Result<Json<u8>, String> {
    after(async move { drop(name) });
    Ok(Json(order))
}

#[with_after]
#[axum::debug_handler]
async fn inside(State(name): State<String>, Json(order): Json<u8>) -> Json<u8> {
    after(async move { drop(name) });
    Json(order)
}

pub fn app() -> Router<String> {
    Router::new().route("/outside", post(outside)).route("/inside", post(inside))
}
