//! The heads of requests and responses: actix-web has the types of http 0.2.

use actix_web::{
    dev::ServiceRequest,
    http::header::{self as actix, HeaderName as ActixName, HeaderValue as ActixValue},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use crate::{connection::Opened, request::Head};

pub(super) fn copy(request: &ServiceRequest, head: &mut Head) {
    // What one version of http has read the other can read: the defaults are never seen.
    let method = Method::from_bytes(request.method().as_str().as_bytes()).unwrap_or_default();
    let uri = Uri::try_from(request.uri().path()).unwrap_or_default();
    let headers = request.headers().iter().filter_map(|(name, value)| header(name, value));
    head.copy(&method, &uri, &headers.collect());
}

/// Writes the handler's cookies into the response's head, and refuses every later one.
pub(super) fn seal(opened: &mut Opened, response: &mut actix::HeaderMap) {
    let mut headers = HeaderMap::new();
    opened.seal(&mut headers);
    for value in headers.values() {
        if let Ok(value) = ActixValue::from_bytes(value.as_bytes()) {
            response.append(actix::SET_COOKIE, value);
        }
    }
}

fn header(name: &ActixName, value: &ActixValue) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
    let mut copy = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    copy.set_sensitive(value.is_sensitive());
    Some((name, copy))
}
