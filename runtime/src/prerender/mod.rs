//! Pages that are rendered before they are asked for.
//!
//! A [`Site`] renders its pages once, when it is built. A page that asks for the request, through
//! [`cookies`], [`headers`] or [`connection`], turns out **dynamic**: its render is abandoned, and
//! it is rendered for each request. Every other page is **static**: it is kept in memory and
//! rendered again only when it is revalidated.
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
//!   together with all others that come meanwhile.
//!
//! A render that fails keeps the old page, is reported, and is tried again after the page's age,
//! or after 30 seconds if it has none.
//!
//! [`after`]: crate::after()
//! [`connection`]: crate::connection()
//! [`cookies`]: crate::cookies()
//! [`headers`]: crate::headers()

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
