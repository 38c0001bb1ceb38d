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
//! | understand a message | [troubleshooting] |
//!
//! The layers of a request, and when its tasks start:
//!
#![doc = include_str!("request.svg")]

pub mod hosts;

#[doc = include_str!("choosing.md")]
pub mod choosing {}

#[doc = include_str!("coming_from.md")]
pub mod coming_from {}

#[doc = include_str!("carried.md")]
pub mod carried {}

// The examples of these are run by `tests`, which has the crates that they name.
#[cfg(not(doctest))]
#[doc = include_str!("cookies.md")]
pub mod cookies {}

#[cfg(not(doctest))]
#[doc = include_str!("logs.md")]
pub mod logs {}

#[cfg(not(doctest))]
#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
