//! What a page sends.

use std::fmt;

use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, TRANSFER_ENCODING},
};

use crate::error::BoxError;

/// A page that is more than HTML with the status 200: a sitemap, a feed, JSON, an image.
///
/// A component returns it, as it is or in a `Result`.
///
/// # Examples
///
/// ```
/// use with_after::{prerender::Content, with_after};
///
/// #[with_after(component)]
/// async fn robots() -> Content {
///     Content::text("User-agent: *\nAllow: /\n")
/// }
///
/// #[with_after(component)]
/// async fn feed() -> Content {
///     Content::new("application/rss+xml", "<rss version=\"2.0\">…</rss>")
/// }
/// ```
#[must_use = "it is sent only if the component returns it"]
pub struct Content {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// Why it cannot be sent.
    fault: Option<String>,
}

/// All but the body; [`HTML`](Self::HTML) for most pages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    /// `None` for 200.
    pub(crate) status: Option<StatusCode>,
    /// `None` for HTML.
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) headers: HeaderMap,
}

impl Content {
    /// Creates content of any type, such as `application/json`.
    ///
    /// A type that is no header's value is a failed render.
    pub fn new(content_type: impl AsRef<str>, body: impl Into<Vec<u8>>) -> Self {
        let (content_type, fault) = match HeaderValue::try_from(content_type.as_ref()) {
            Ok(value) => (Some(value), None),
            Err(_) => (None, Some("its content type is no header's value".to_owned())),
        };
        let head = Head { content_type, ..Head::default() };
        Self { head, body: body.into(), fault }
    }

    /// Creates HTML.
    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self { head: Head::default(), body: body.into(), fault: None }
    }

    /// Creates plain text.
    pub fn text(body: impl Into<Vec<u8>>) -> Self {
        Self::new("text/plain; charset=utf-8", body)
    }

    /// Creates XML.
    pub fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self::new("application/xml", body)
    }

    /// Creates JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new("application/json", body)
    }

    /// Sends another status than 200: one of a response with a body.
    pub fn status(mut self, status: StatusCode) -> Self {
        if has_body(status) {
            self.head.status = Some(status).filter(|status| *status != StatusCode::OK);
        } else {
            self.fault = Some(format!("a response with the status {status} has no body"));
        }
        self
    }

    /// Adds a header. `Cache-Control` replaces what the site would say.
    ///
    /// The site itself says how long the content is and what its `ETag` is; a static page is
    /// everybody's and sets no cookie. Such a header is a failed render.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if name == CONTENT_TYPE {
            self.head.content_type = Some(value);
        } else if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, ETAG].contains(&name) {
            self.fault = Some(format!("the header `{name}` is the site's to send"));
        } else {
            self.head.headers.append(name, value);
        }
        self
    }

    pub(super) fn checked(self) -> Result<Self, BoxError> {
        match self.fault {
            Some(fault) => Err(fault.into()),
            None => Ok(self),
        }
    }
}

impl Head {
    /// Returns whether there is nothing to say of it.
    pub(crate) fn is_plain(&self) -> bool {
        self.status.is_none() && self.content_type.is_none() && self.headers.is_empty()
    }

    pub(crate) fn is_html(&self) -> bool {
        let is_html = |value: &HeaderValue| value.as_bytes().starts_with(b"text/html");
        self.content_type.as_ref().is_none_or(is_html)
    }
}

fn has_body(status: StatusCode) -> bool {
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
    !status.is_informational() && !bodiless.contains(&status)
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.len();
        f.debug_struct("Content")
            .field("head", &self.head)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}
