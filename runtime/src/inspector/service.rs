//! What the page and its parts are asked by.

use axum::{
    Router,
    body::Body,
    extract::{OriginalUri, Request, State},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS,
    },
    request::Parts,
};

use super::{
    Inspector, assets,
    control::jobs,
    stream::{Lasting, stream},
};
use crate::scope;

/// Nothing from elsewhere, nothing inline, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

impl Inspector {
    /// Returns the page as a service, for an application to nest where it likes, and behind what it
    /// likes: whoever can ask for it sees the paths, the names and the errors.
    ///
    /// When the server stops its streams end, if the inspector is told of the drain; else within 20
    /// seconds.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::Router;
    /// use with_after::{AfterLayer, inspector::Inspector};
    ///
    /// let inspector = Inspector::new();
    /// let app: Router = Router::new()
    ///     .nest_service("/_after", inspector.service())
    ///     .layer(AfterLayer::new());
    /// // serve(listener, app).observe(inspector)
    /// ```
    pub fn service(&self) -> Router {
        self.router(Lasting::WithServer)
    }

    pub(super) fn router(&self, lasting: Lasting) -> Router {
        Router::new().fallback(answer).with_state((self.clone(), lasting))
    }
}

async fn answer(
    State((inspector, lasting)): State<(Inspector, Lasting)>,
    request: Request,
) -> Response {
    let (request, _) = request.into_parts();
    if let Some(scope) = scope::current().and_then(|scope| scope.number()) {
        inspector.hide(scope);
    }
    let mut response = respond(inspector, lasting, &request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn respond(inspector: Inspector, lasting: Lasting, request: &Parts) -> Response {
    let path = request.uri.path();
    if path == "/jobs" || path.starts_with("/jobs/") {
        return jobs(&inspector, request).await;
    }
    if request.method != Method::GET && request.method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match path {
        "/" | "" => without_slash(request).unwrap_or_else(|| file("/index.html")),
        "/events" if request.method == Method::HEAD => StatusCode::OK.into_response(),
        "/events" => stream(inspector, &request.headers, lasting),
        _ => file(path),
    }
}

/// Sends a browser to the path with a slash at its end, below which it finds the parts of the page.
fn without_slash(request: &Parts) -> Option<Response> {
    let OriginalUri(uri) = request.extensions.get()?;
    let (_, last) = uri.path().rsplit_once('/')?;
    if last.is_empty() {
        return None;
    }
    // Relative: somebody in front may have taken a prefix away.
    let location = HeaderValue::try_from(format!("./{last}/")).ok()?;
    Some((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response())
}

fn file(path: &str) -> Response {
    match assets::find(path) {
        Some((content_type, text)) => {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            (headers, Body::from(text)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
