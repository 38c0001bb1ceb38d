//! What of a request matters for a page.

use http::{
    HeaderMap, HeaderValue, Method, Request, Uri,
    header::{HeaderName, IF_NONE_MATCH},
};

use super::CspNonce;

/// What of a request matters for a page.
pub(super) struct Asked {
    pub(super) is_get: bool,
    pub(super) is_head: bool,
    pub(super) uri: Uri,
    if_none_match: Vec<HeaderValue>,
    pub(super) in_order: bool,
    pub(super) nonce: Option<CspNonce>,
}

/// The preference of RFC 7240 by which a client asks for the page without script.
pub(super) const IN_ORDER: &str = "in-order";

const PREFER: HeaderName = HeaderName::from_static("prefer");

impl Asked {
    pub(super) fn new<B>(request: &Request<B>) -> Self {
        Self {
            is_get: request.method() == Method::GET,
            is_head: request.method() == Method::HEAD,
            uri: request.uri().clone(),
            if_none_match: request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect(),
            in_order: prefers_in_order(request.headers()),
            nonce: request.extensions().get().cloned(),
        }
    }

    /// Returns whether the client has what `etag` stands for.
    pub(super) fn has(&self, etag: &HeaderValue) -> bool {
        self.if_none_match.iter().any(|tags| names(tags, etag))
    }
}

/// Returns whether a client that sends these headers has what `etag` stands for.
pub(super) fn has(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().any(|tags| names(tags, etag))
}

fn prefers_in_order(headers: &HeaderMap) -> bool {
    let values = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let mut preferences = values.flat_map(|value| value.split(','));
    preferences.any(|preference| {
        // What follows is a value or parameters, of which this one has none.
        let token = preference.split([';', '=']).next().unwrap_or_default();
        token.trim().eq_ignore_ascii_case(IN_ORDER)
    })
}

/// Returns whether an `If-None-Match` names `etag`.
fn names(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let mut tags = tags.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}
