//! Pages that are rendered before they are asked for.
//!
//! A [`Site`] renders its pages once, when it is built. A page that asks for the request, through
//! [`cookies`], [`headers`], [`uri`], [`method`] or [`connection`], turns out **dynamic**: its
//! render is abandoned, and it is rendered for each request. Every other page is **static**: it is
//! kept in memory and rendered again only when it is revalidated.
//!
//! ```
//! use std::time::Duration;
//! use with_after::{after, prerender::Site, with_after};
//!
//! #[with_after(component)]
//! async fn index() -> String {
//!     after(|| println!("at build, and whenever the page is revalidated"));
//!     "<h1>Posts</h1>".to_owned()
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), with_after::prerender::BuildError> {
//! let site = Site::builder()
//!     .page("/", index)
//!     .revalidate_after(Duration::from_secs(60))
//!     .tags(["posts"])
//!     .build()
//!     .await?;
//! println!("{}", site.report());
//! # Ok(())
//! # }
//! ```
//!
//! # What a page is
//!
//! - A `component` function, or a closure that calls one and captures what it needs of the
//!   application's state, as [`page`](SiteBuilder::page) shows; parameters of the path it gets as [`Params`], as
//!   [`page_with`](SiteBuilder::page_with) shows.
//! - HTML of any template engine, or [`Content`] of any type, status and headers: `sitemap.xml`,
//!   a feed, JSON.
//! - Dynamic, it reads the query by [`uri`]; `axum::extract::Query::try_from_uri(&uri)` makes a type
//!   of it. What needs other extractors is a handler, and stands beside the site in the router:
//!   `Router::new().route("/search", get(search)).merge(site)`.
//! - [`not_found_page`](SiteBuilder::not_found_page) and [`error_page`](SiteBuilder::error_page) are
//!   pages too.
//!
//! # Tasks
//!
//! [`after`] never makes a page dynamic. The tasks of a static page run when its render is
//! finished: at build, and at each revalidation, never for a request. Those of an abandoned render
//! are discarded. At build a task that fails fails the build; later it is reported like any other.
//! The tasks of a dynamic page, and of a [hole](suspense()), run after the response.
//!
//! # Revalidation
//!
//! - By age: after [`revalidate_after`](SiteBuilder::revalidate_after) the next request gets the
//!   old page at once, and starts one render in the background.
//! - By [`revalidate_path`](crate::revalidate_path()) and
//!   [`revalidate_tag`](crate::revalidate_tag()): the next request waits for one new render,
//!   together with all others that come meanwhile. With [`Revalidation::serving_stale`] it gets the
//!   old page, as by age.
//!
//! A render that fails keeps the old page, is reported, and is tried again: for the first request
//! after a second, then after two, four and so on, and always within the page's age and within 30
//! seconds. What is not there is asked for again after a minute.
//!
//! A revalidation costs a look-up. For a content management system that calls from outside it is a
//! handler like this one:
//!
//! ```
//! use axum::{extract::Path, http::{HeaderMap, StatusCode}};
//! use with_after::{revalidate_tag, with_after};
//!
//! #[with_after(route)]
//! async fn revalidate(Path(tag): Path<String>, headers: HeaderMap) -> Result<(), StatusCode> {
//!     let secret = std::env::var("SECRET").map_err(|_| StatusCode::NOT_FOUND)?;
//!     let given = headers.get("authorization").is_some_and(|given| given.as_bytes() == secret.as_bytes());
//!     given.then_some(()).ok_or(StatusCode::UNAUTHORIZED)?;
//!     revalidate_tag(&tag).map_err(|_| StatusCode::BAD_REQUEST)
//! }
//! # let _: axum::Router = axum::Router::new().route("/revalidate/{tag}", axum::routing::post(revalidate));
//! ```
//!
//! # Many machines
//!
//! Each process keeps its own pages. A hook tells what was revalidated in this one, and a handle
//! takes what was revalidated in others; what carries it between them is the application's choice:
//!
//! ```
//! use tokio::sync::mpsc::unbounded_channel;
//! use with_after::prerender::{Revalidation, Site};
//!
//! # async fn index() -> &'static str { "" }
//! # async fn send(message: String) {}
//! # async fn receive() -> String { std::future::pending().await }
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let (tell, mut told) = unbounded_channel();
//! let site = Site::builder()
//!     .page("/", index)
//!     .on_revalidate(move |revalidation| drop(tell.send(revalidation.to_string())))
//!     .build()
//!     .await?;
//! tokio::spawn(async move {
//!     while let Some(message) = told.recv().await {
//!         send(message).await; // to all others, and best not to this process
//!     }
//! });
//! let handle = site.handle();
//! tokio::spawn(async move {
//!     while let Ok(heard) = receive().await.parse::<Revalidation>() {
//!         drop(handle.revalidate(&heard)); // an error here: this machine has no such page
//!     }
//! });
//! # Ok(())
//! # }
//! ```
//!
//! `tests/machines` is a whole program that does so by `LISTEN` and `NOTIFY` of `PostgreSQL`. It
//! listens before the site is built, and calls [`SiteHandle::revalidate_all`] after a time without
//! connection: a message that nobody hears leaves a page as it was.
//!
//! [`after`]: crate::after()
//! [`connection`]: crate::connection()
//! [`cookies`]: crate::cookies()
//! [`headers`]: crate::headers()
//! [`method`]: crate::method()
//! [`uri`]: crate::uri()

// The way of a page is the order of these: each uses those above it alone; see the table in
// CONTRIBUTING.md.

mod error;

// What a user says of a site.
mod describe;

// From a component to what is kept of it.
mod render;

// What is kept, and one render at a time.
mod keep;

// All pages once.
mod build;

// To who asks.
mod answer;

// Anew.
pub(crate) mod revalidate;

// As files.
mod export;

pub use self::{
    answer::{CspNonce, PageBody, PageFuture},
    build::{BuildReport, PageReport, Site},
    describe::{
        Content, FileNames, IntoPage, NoPage, OnPage, Params, ParseRevalidationError, Revalidation,
        SiteBuilder,
    },
    error::{BuildError, ExportError},
    render::{Dynamic, Suspense, suspense},
    revalidate::SiteHandle,
};
