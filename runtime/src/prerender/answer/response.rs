//! The parts of a response.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, VARY,
    },
};

use super::{
    PageBody,
    asked::{Asked, IN_ORDER},
};
use crate::prerender::{describe::Head, keep::Family, render::Whole};

/// What caches may do with what was rendered for one request, and with an error.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// What shared caches are told of something that is not there: it may be there soon.
const NOT_FOUND_AGE: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=60");

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// Who may keep a response.
#[derive(Clone)]
pub(super) enum Caching {
    /// Nobody: it is personal, or an error.
    Private,
    NotFound,
    /// As the description of the page says.
    As(HeaderValue),
}

impl Caching {
    /// Says for how long shared caches may use a static page. A browser asks each time, and mostly
    /// gets a 304: it cannot be told of revalidations.
    pub(super) fn of(family: &Family) -> Self {
        Self::As(family.cache_control.clone())
    }

    fn header(self) -> HeaderValue {
        match self {
            Self::Private => PRIVATE,
            Self::NotFound => NOT_FOUND_AGE,
            Self::As(value) => value,
        }
    }
}

/// Answers with a static page without holes.
pub(super) fn kept(
    page: &Whole,
    is_head: bool,
    known: bool,
    caching: Caching,
) -> Response<PageBody> {
    let status = page.head.as_ref().and_then(|head| head.status);
    if known && status.is_none() {
        let mut response = bare(StatusCode::NOT_MODIFIED, caching);
        if let Some(own) = page.head.as_ref().and_then(|head| head.headers.get(CACHE_CONTROL)) {
            response.headers_mut().insert(CACHE_CONTROL, own.clone());
        }
        response.headers_mut().insert(ETAG, page.etag.clone());
        return response;
    }
    let caching = if status.is_some_and(|status| status.is_server_error()) {
        Caching::Private
    } else if status.is_some_and(|status| status.is_client_error()) {
        Caching::NotFound
    } else {
        caching
    };
    let mut response = text(&page.text, page.head.as_deref(), is_head, caching);
    response.headers_mut().insert(ETAG, page.etag.clone());
    response
}

/// Answers with a text, whose length HEAD tells as well.
pub(super) fn text(
    text: &Bytes,
    head: Option<&Head>,
    is_head: bool,
    caching: Caching,
) -> Response<PageBody> {
    let body = if is_head { PageBody::whole(Bytes::new()) } else { PageBody::whole(text.clone()) };
    let mut response = with_head(body, head, caching);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    response
}

/// Answers with a text that is made while it is sent.
pub(super) fn parts(body: PageBody, head: &Head, asked: &Asked) -> Response<PageBody> {
    let body = if asked.is_head { PageBody::unsent() } else { body };
    let mut response = with_head(body, Some(head), Caching::Private);
    response.headers_mut().append(VARY, HeaderValue::from_static("prefer"));
    if asked.in_order {
        let applied = HeaderName::from_static("preference-applied");
        response.headers_mut().insert(applied, HeaderValue::from_static(IN_ORDER));
    }
    response
}

fn with_head(body: PageBody, head: Option<&Head>, caching: Caching) -> Response<PageBody> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    // At once, not one by one.
    headers.reserve(4);
    headers.insert(CACHE_CONTROL, caching.header());
    let content_type = head.and_then(|head| head.content_type.clone());
    headers.insert(CONTENT_TYPE, content_type.unwrap_or(HTML));
    let Some(head) = head else { return response };
    if !head.headers.is_empty() {
        // Its own instead of the site's, and all of a name.
        for name in head.headers.keys() {
            headers.remove(name);
        }
        headers.extend(head.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    if let Some(status) = head.status {
        *response.status_mut() = status;
    }
    response
}

/// Answers with a status and no text.
pub(super) fn bare(status: StatusCode, caching: Caching) -> Response<PageBody> {
    let mut response = Response::new(PageBody::whole(Bytes::new()));
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, caching.header());
    response
}

pub(super) fn redirect(
    status: StatusCode,
    location: HeaderValue,
    caching: Caching,
) -> Response<PageBody> {
    let mut response = bare(status, caching);
    response.headers_mut().insert(LOCATION, location);
    response
}

pub(super) fn method_not_allowed() -> Response<PageBody> {
    let mut response = Response::new(PageBody::whole(Bytes::new()));
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

/// Makes an error of a response that would be the page of that error.
pub(super) fn as_error(mut response: Response<PageBody>, status: StatusCode) -> Response<PageBody> {
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY.as_secs()));
    }
    response.headers_mut().remove(ETAG);
    response
}

/// When one who asked for a page too many may ask again.
const RETRY: Duration = Duration::from_secs(1);
