//! A response that `lambda_http` buffers.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use lambda_http::{Body, IntoResponse, Response};

/// A response that can be shared between threads, though nobody does: `lambda_http::runtime` asks
/// for it, and axum's body cannot.
pub(super) struct Buffered<R> {
    response: Mutex<R>,
}

impl<R> Buffered<R> {
    pub(super) fn new(response: R) -> Self {
        Self { response: Mutex::new(response) }
    }
}

impl<R: IntoResponse> IntoResponse for Buffered<R> {
    fn into_response(self) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        let response = self.response.into_inner();
        response.unwrap_or_else(PoisonError::into_inner).into_response()
    }
}
