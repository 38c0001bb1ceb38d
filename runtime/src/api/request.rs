//! The request APIs.

use std::{
    future::{Ready, ready},
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Method, Uri};

use crate::{
    error::{RequestApiError, RequestApiErrorKind},
    request::{Cookies, Headers},
    scope::{self, Lookup, ScopeState},
};

/// Returns the request's cookies, with those that the handler has written.
///
/// It is async since a prerendered page waits here for a request that never comes; elsewhere it is
/// ready at once. For synchronous code there is [`try_cookies`].
///
/// # Panics
///
/// Panics, at the caller, outside of any request, and in the tasks of `component` and `metadata`
/// functions, which run when the request is gone. The attribute finds most of the latter at
/// compile time.
///
/// # Examples
///
/// ```
/// use with_after::{cookies, with_after};
///
/// #[with_after(component)]
/// async fn greeting() -> String {
///     let name = cookies().await.get("name");
///     format!("Hello, {}!", name.as_ref().map_or("stranger", |cookie| cookie.value()))
/// }
/// ```
#[track_caller]
pub fn cookies() -> impl Future<Output = Cookies> {
    Request::new(try_cookies())
}

/// Returns the request's headers, as they arrived at the layer.
///
/// It is async since a prerendered page waits here for a request that never comes; elsewhere it is
/// ready at once. For synchronous code there is [`try_headers`].
///
/// # Panics
///
/// Panics as [`cookies`] does.
///
/// # Examples
///
/// ```
/// use with_after::{after, headers, with_after};
///
/// #[with_after(route)]
/// async fn visit() {
///     after(async {
///         let headers = headers().await;
///         println!("{:?}", headers.get("user-agent"));
///     });
/// }
/// ```
#[track_caller]
pub fn headers() -> impl Future<Output = Headers> {
    Request::new(try_headers())
}

/// Returns path and query of the request, as they arrived at the layer; scheme and host are left
/// out.
///
/// A page that asks for it is rendered for each request, as with [`cookies`].
///
/// # Panics
///
/// Panics as [`cookies`] does.
///
/// # Examples
///
/// ```
/// use with_after::{uri, with_after};
///
/// #[with_after(component)]
/// async fn search() -> String {
///     let uri = uri().await;
///     // `axum::extract::Query::try_from_uri(&uri)` reads it into a type.
///     format!("<p>You asked {} for {}</p>", uri.path(), uri.query().unwrap_or("nothing").len())
/// }
/// ```
#[track_caller]
pub fn uri() -> impl Future<Output = Uri> {
    let lookup = Lookup { api: "uri", caller: Location::caller() };
    Request::new(look_up(lookup, |scope| scope.uri(lookup)))
}

/// Returns the method of the request.
///
/// A page that asks for it is rendered for each request, as with [`cookies`].
///
/// # Panics
///
/// Panics as [`cookies`] does.
#[track_caller]
pub fn method() -> impl Future<Output = Method> {
    let lookup = Lookup { api: "method", caller: Location::caller() };
    Request::new(look_up(lookup, |scope| scope.method(lookup)))
}

/// Waits for a request: what follows is not prerendered.
///
/// # Panics
///
/// Panics as [`cookies`] does.
#[track_caller]
pub fn connection() -> impl Future<Output = ()> {
    let lookup = Lookup { api: "connection", caller: Location::caller() };
    Request::new(look_up(lookup, |scope| scope.headers(lookup).map(drop)))
}

/// Returns the request's cookies, as [`cookies`] does, at once and without panics.
///
/// # Errors
///
/// Returns an error where [`cookies`] panics, and in a prerender.
#[track_caller]
pub fn try_cookies() -> Result<Cookies, RequestApiError> {
    let lookup = Lookup { api: "cookies", caller: Location::caller() };
    look_up(lookup, |scope| scope.jar(lookup).map(Cookies::new))
}

/// Returns the request's headers, as [`headers`] does, at once and without panics.
///
/// # Errors
///
/// Returns an error where [`headers`] panics, and in a prerender.
#[track_caller]
pub fn try_headers() -> Result<Headers, RequestApiError> {
    let lookup = Lookup { api: "headers", caller: Location::caller() };
    look_up(lookup, |scope| scope.headers(lookup))
}

fn look_up<T>(
    lookup: Lookup,
    read: impl FnOnce(Arc<ScopeState>) -> Result<T, RequestApiError>,
) -> Result<T, RequestApiError> {
    let outside = || {
        let Lookup { api, caller } = lookup;
        RequestApiError::new(api, caller, RequestApiErrorKind::OutsideScope)
    };
    read(scope::current().ok_or_else(outside)?)
}

/// What a request API found where it was called.
#[must_use = "a request API does nothing unless it is awaited"]
pub(crate) struct Request<T>(Option<Ready<T>>);

impl<T> Request<T> {
    /// Panics where the user called, so that the panic shows that place.
    #[track_caller]
    fn new(found: Result<T, RequestApiError>) -> Self {
        match found {
            Ok(value) => Self(Some(ready(value))),
            Err(error) if error.waits() => Self(None),
            Err(error) => panic!("{error}"),
        }
    }
}

impl<T> Future for Request<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // A page that is prerendered waits for a request, and is dropped as it is.
        self.0.as_mut().map_or(Poll::Pending, |found| Pin::new(found).poll(cx))
    }
}
