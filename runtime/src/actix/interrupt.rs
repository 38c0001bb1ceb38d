//! Redirects and "not found" as errors of handlers.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header::LOCATION},
};

use crate::api::Interrupt;

impl ResponseError for Interrupt {
    fn status_code(&self) -> StatusCode {
        status(self.location_header().err().unwrap_or(self.status()))
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self.location_header() {
            Ok(Some(to)) => response.insert_header((LOCATION, to.as_bytes())).finish(),
            Ok(None) | Err(_) => response.finish(),
        }
    }
}

/// Both versions of http know the same statuses.
fn status(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
