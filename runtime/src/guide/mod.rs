//! Guides: what belongs after the response, how to set up each host, and what the names of other
//! frameworks become here.
//!
//! | you want to | read |
//! |---|---|
//! | know what to schedule, and what not | [choosing] |
//! | set it up where your code runs | [hosts] |
//! | replace `tokio::spawn`, a `TaskTracker`, `axum::serve`, or what Next.js, FastAPI, Laravel, ASP.NET Core or Express call it | [coming from](coming_from) |
//! | know what a task has of its handler: task-locals, spans, extensions | [carried] |
//! | see the request in the logs of its tasks | [logs] |
//! | use signed cookies, axum-extra's `CookieJar`, sessions | [cookies] |
//! | test handlers and applications | [testing] |
//! | have the compiler look into the functions that tasks call | [transitive] |
//! | understand a message | [troubleshooting] |
//!
//! The layers of a request, and when its tasks start:
//!
#![doc = include_str!("request.svg")]

/// Makes a file a page.
///
/// Pages name items of every feature. What the features at hand lack is linked where the registry
/// documents it: a page says `[serve][crate::serve()]`, and `links/axum.md` where that leads without
/// the feature `axum`.
macro_rules! page {
    ($name:ident = $file:literal) => {
        #[doc = include_str!($file)]
        #[cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("links/axum.md"))]
        #[cfg_attr(not(feature = "leptos"), doc = "", doc = include_str!("links/leptos.md"))]
        #[cfg_attr(not(feature = "prerender"), doc = "", doc = include_str!("links/prerender.md"))]
        #[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("links/tower.md"))]
        pub mod $name {}
    };
}
use page;

pub mod hosts;

page!(carried = "carried.md");
page!(choosing = "choosing.md");
page!(coming_from = "coming_from.md");
page!(transitive = "transitive.md");
page!(troubleshooting = "troubleshooting.md");

// The examples of these are run by `tests`, which has the crates that they name.
#[cfg(not(doctest))]
page!(cookies = "cookies.md");
#[cfg(not(doctest))]
page!(logs = "logs.md");
#[cfg(not(doctest))]
page!(testing = "testing.md");
