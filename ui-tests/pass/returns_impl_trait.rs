#![deny(warnings)]

use axum::{http::StatusCode, response::IntoResponse};
use with_after::with_after;

#[with_after]
pub async fn shop() -> impl IntoResponse {
    "open"
}

#[with_after]
pub async fn result(open: bool) -> Result<impl IntoResponse, StatusCode> {
    if !open {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(("open", "closed").0)
}

#[with_after]
pub fn sync() -> impl Iterator<Item = u8> {
    [1, 2].into_iter()
}
