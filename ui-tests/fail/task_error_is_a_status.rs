//! An error that is none.

use axum::http::StatusCode;
use with_after::after;

async fn audit() -> Result<(), StatusCode> {
    Ok(())
}

fn main() {
    after(async { audit().await });
}
