//! The answer to a request for a page.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION, VARY,
    },
};

use super::{
    CspNonce, PageBody, Site,
    content::Piece,
    entry::Entry,
    render::Kept,
    stream,
    suspense::{IN_PAGE, collect},
};
use crate::{
    api::Interrupt,
    scope::{self, in_scope},
};

/// What of a request matters for a page.
pub(super) struct Asked {
    method: Method,
    path: String,
    if_none_match: Option<HeaderValue>,
    in_order: bool,
    nonce: Option<CspNonce>,
}

impl Asked {
    pub(super) fn new<B>(request: &Request<B>) -> Self {
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            if_none_match: request.headers().get(IF_NONE_MATCH).cloned(),
            in_order: prefers_in_order(request.headers()),
            nonce: request.extensions().get().cloned(),
        }
    }
}

/// The preference of RFC 7240 by which a client asks for the page without script.
const IN_ORDER: &str = "in-order";

fn prefers_in_order(headers: &HeaderMap) -> bool {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|preference| preference.trim() == IN_ORDER)
}

/// What caches may do with what was rendered for one request.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

/// Next's `expireTime`.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Site {
    pub(super) async fn answer(self, asked: Asked) -> Response<PageBody> {
        if asked.method != Method::GET && asked.method != Method::HEAD {
            let mut response = status_alone(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let Some(entry) = self.shared.find(&asked.path) else {
            return status_alone(StatusCode::NOT_FOUND);
        };
        let Some(kept) = entry.fetch(|flight| self.shared.start(flight)).await else {
            return status_alone(StatusCode::INTERNAL_SERVER_ERROR);
        };
        match &*kept {
            Kept::Dynamic(_) => self.answer_rendered(&entry, &asked).await,
            Kept::Interrupt(interrupt) => {
                with_cache_control(interrupted(interrupt), shared_caches(&entry))
            }
            Kept::Text { pieces, etag: None } => self.answer_pieces(pieces, &asked),
            Kept::Text { pieces, etag: Some(etag) } => {
                let matches = asked.if_none_match.as_ref().is_some_and(|tags| names(tags, etag));
                let mut response = if matches {
                    status_alone(StatusCode::NOT_MODIFIED)
                } else {
                    whole(pieces, &asked)
                };
                response.headers_mut().insert(ETAG, etag.clone());
                with_cache_control(response, shared_caches(&entry))
            }
        }
    }

    /// Renders the page for this request, in its scope.
    async fn answer_rendered(&self, entry: &Entry, asked: &Asked) -> Response<PageBody> {
        let component = collect(|| (entry.page.component)(&entry.params));
        let error = match in_scope(scope::current(), IN_PAGE, component).await {
            Ok(pieces) => return self.answer_pieces(&pieces, asked),
            Err(error) => error,
        };
        let response = match error.downcast::<Interrupt>() {
            Ok(interrupt) => interrupted(&interrupt),
            Err(error) => {
                tracing::error!(target: "with_after", path = entry.path, error, "a page failed");
                status_alone(StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        with_cache_control(response, PRIVATE)
    }

    /// Answers with what is personal.
    fn answer_pieces(&self, pieces: &[Piece], asked: &Asked) -> Response<PageBody> {
        let holes = pieces.iter().any(|piece| matches!(piece, Piece::Hole(_)));
        let mut response = if !holes {
            whole(pieces, asked)
        } else if asked.method == Method::HEAD {
            page(PageBody::empty())
        } else if asked.in_order {
            page(PageBody::stream(stream::in_order(pieces, &self.shared.options)))
        } else {
            let nonce = asked.nonce.as_ref();
            page(PageBody::stream(stream::out_of_order(pieces, &self.shared.options, nonce)))
        };
        if holes {
            response.headers_mut().insert(VARY, HeaderValue::from_static("prefer"));
            if asked.in_order {
                let applied = HeaderValue::from_static(IN_ORDER);
                response.headers_mut().insert("preference-applied", applied);
            }
        }
        with_cache_control(response, PRIVATE)
    }
}

/// Answers with a text without holes, whose length HEAD tells as well.
fn whole(pieces: &[Piece], asked: &Asked) -> Response<PageBody> {
    let text = match pieces {
        [Piece::Text(text)] => text.clone(),
        _ => Bytes::new(),
    };
    let length = HeaderValue::from(text.len());
    let head = asked.method == Method::HEAD;
    let mut response = page(if head { PageBody::empty() } else { PageBody::whole(text) });
    response.headers_mut().insert(CONTENT_LENGTH, length);
    response
}

fn page(body: PageBody) -> Response<PageBody> {
    let mut response = Response::new(body);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

fn status_alone(status: StatusCode) -> Response<PageBody> {
    let mut response = Response::new(PageBody::empty());
    *response.status_mut() = status;
    response
}

fn interrupted(interrupt: &Interrupt) -> Response<PageBody> {
    match interrupt.location_header() {
        Ok(location) => {
            let mut response = status_alone(interrupt.status());
            response.headers_mut().extend(location.map(|location| (LOCATION, location)));
            response
        }
        Err(status) => status_alone(status),
    }
}

fn with_cache_control(
    mut response: Response<PageBody>,
    cache_control: HeaderValue,
) -> Response<PageBody> {
    response.headers_mut().insert(CACHE_CONTROL, cache_control);
    response
}

/// Says how long shared caches may use a static page. A browser asks each time, and mostly gets a
/// 304: it cannot be told of revalidations.
fn shared_caches(entry: &Entry) -> HeaderValue {
    let fresh = entry.page.revalidate_after.unwrap_or(YEAR).as_secs();
    let stale = YEAR.as_secs().saturating_sub(fresh);
    let value = format!("public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}");
    // Words and digits make a header.
    HeaderValue::try_from(value).unwrap_or(PRIVATE)
}

/// Returns whether an `If-None-Match` names `etag`.
fn names(tags: &HeaderValue, etag: &HeaderValue) -> bool {
    let mut tags = tags.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}
