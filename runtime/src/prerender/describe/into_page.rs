//! What a page may return.

use std::{
    fmt::{self, Write as _},
    pin::Pin,
};

use super::Content;
use crate::error::BoxError;

/// What a page's component may return.
///
/// Implemented for
///
/// - whatever is [`Display`](fmt::Display), as HTML: `String`, `&'static str`, an askama template,
/// - axum's `Html`, with the feature `axum`,
/// - maud's `Markup`, with the feature `maud`,
/// - [`Content`], which may have another type, status and headers,
/// - `Result<T, E>` of these, where `E` is an error or whatever else turns into a
///   `Box<dyn Error + Send + Sync>`. An [`Interrupt`](crate::Interrupt) redirects, or answers that
///   there is nothing here; any other error is a failed render.
///
/// The parameter `M` tells the implementations apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no page",
    label = "not a page",
    note = "a page is `Display`, an axum `Html`, a maud `Markup`, a `Content`, or a `Result` of these"
)]
pub trait IntoPage<M> {
    #[doc(hidden)]
    fn into_page(self) -> Result<Content, BoxError>;
}

/// A component at work; a panic of its first, synchronous part comes out of the call.
pub(crate) type ComponentFuture = Pin<Box<dyn Future<Output = Result<Content, BoxError>> + Send>>;

pub(crate) fn in_box<F, M>(future: F) -> ComponentFuture
where
    F: Future<Output: IntoPage<M>> + Send + 'static,
{
    Box::pin(async move { future.await.into_page() })
}

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum DisplayPage {}

impl<T: fmt::Display> IntoPage<DisplayPage> for T {
    fn into_page(self) -> Result<Content, BoxError> {
        let mut text = String::new();
        write!(text, "{self}").map_err(|fmt::Error| "its `Display` failed")?;
        Ok(Content::html(text))
    }
}

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum ContentPage {}

impl IntoPage<ContentPage> for Content {
    fn into_page(self) -> Result<Content, BoxError> {
        self.checked()
    }
}

#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub struct ResultPage<M>(std::marker::PhantomData<M>);

impl<T: IntoPage<M>, E: Into<BoxError>, M> IntoPage<ResultPage<M>> for Result<T, E> {
    fn into_page(self) -> Result<Content, BoxError> {
        self.map_err(Into::into)?.into_page()
    }
}

#[cfg(feature = "axum")]
#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub struct HtmlPage<M>(std::marker::PhantomData<M>);

#[cfg(feature = "axum")]
impl<T: IntoPage<M>, M> IntoPage<HtmlPage<M>> for axum::response::Html<T> {
    fn into_page(self) -> Result<Content, BoxError> {
        self.0.into_page()
    }
}

#[cfg(feature = "maud")]
#[derive(Debug)]
#[expect(unnameable_types, reason = "tells implementations apart, and is always inferred")]
pub enum MaudPage {}

#[cfg(feature = "maud")]
impl IntoPage<MaudPage> for maud::Markup {
    fn into_page(self) -> Result<Content, BoxError> {
        Ok(Content::html(self.into_string()))
    }
}
