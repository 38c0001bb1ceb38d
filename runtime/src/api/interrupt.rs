//! Responses that a page or handler returns early.

use std::{borrow::Cow, error::Error, fmt};

use http::{HeaderValue, StatusCode};

use crate::place::{self, Kind};

/// An early end of a page or handler: a redirect, or "not found".
///
/// Made by [`redirect`], [`permanent_redirect`] and [`not_found`], and returned as `Err(..)`. With
/// the feature `axum` it is a response: where axum says that `Interrupt` is no `IntoResponse`, or
/// that a function which returns one is no `Handler`, the feature is missing
/// (`with-after = { version = "..", features = ["axum"] }`). Tasks run all the same.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "an interrupt does nothing unless it is returned as an `Err`"]
pub struct Interrupt {
    status: StatusCode,
    to: Option<Cow<'static, str>>,
}

/// Sends the client to `to`, with the status 307; in a `server_fn`, which is called by a POST, with
/// 303, so that the client gets the new page (both as in Next.js).
///
/// # Examples
///
/// ```
/// use with_after::{Interrupt, after, redirect, with_after};
///
/// #[with_after(route)]
/// async fn old_page() -> Result<&'static str, Interrupt> {
///     after(|| println!("runs although the handler returns an `Err`"));
///     Err(redirect("/new"))
/// }
/// ```
pub fn redirect(to: impl Into<Cow<'static, str>>) -> Interrupt {
    let status = match place::current().kind() {
        Some(Kind::ServerFn) => StatusCode::SEE_OTHER,
        _ => StatusCode::TEMPORARY_REDIRECT,
    };
    Interrupt { status, to: Some(to.into()) }
}

/// Sends the client to `to` for good, with the status 308.
pub fn permanent_redirect(to: impl Into<Cow<'static, str>>) -> Interrupt {
    Interrupt { status: StatusCode::PERMANENT_REDIRECT, to: Some(to.into()) }
}

/// Answers that there is nothing here, with the status 404.
pub fn not_found() -> Interrupt {
    Interrupt { status: StatusCode::NOT_FOUND, to: None }
}

impl Interrupt {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns where a redirect leads.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.to.as_deref()
    }
}

impl fmt::Display for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            Some(to) => write!(f, "redirect to {to} ({})", self.status),
            None => write!(f, "{}", self.status),
        }
    }
}

impl Error for Interrupt {}

impl Interrupt {
    /// Returns the header of a redirect, in which all that a URL cannot hold is percent-encoded. A
    /// target with a control character is the server's mistake: it is reported, and answered with
    /// 500.
    pub(crate) fn location_header(&self) -> Result<Option<HeaderValue>, StatusCode> {
        let Some(to) = &self.to else { return Ok(None) };
        let encoded = percent_encoded(to);
        HeaderValue::try_from(encoded).map(Some).map_err(|_| {
            tracing::error!(?to, "a redirect's target holds a control character (see with_after::guide::troubleshooting)");
            StatusCode::INTERNAL_SERVER_ERROR
        })
    }
}

/// Encodes what is neither ASCII nor printable in a URL, and leaves the control characters.
fn percent_encoded(url: &str) -> String {
    let mut encoded = String::with_capacity(url.len());
    for char in url.chars() {
        if char.is_ascii() && !" \"<>\\^`{|}".contains(char) {
            encoded.push(char);
        } else {
            let mut bytes = [0; 4];
            for byte in char.encode_utf8(&mut bytes).bytes() {
                encoded.push('%');
                encoded.extend([byte >> 4, byte & 15].map(|digit| {
                    char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase()
                }));
            }
        }
    }
    encoded
}

#[cfg(feature = "axum")]
impl axum::response::IntoResponse for Interrupt {
    fn into_response(self) -> axum::response::Response {
        match self.location_header() {
            Ok(Some(to)) => (self.status, [(http::header::LOCATION, to)]).into_response(),
            Ok(None) => self.status.into_response(),
            Err(status) => status.into_response(),
        }
    }
}
