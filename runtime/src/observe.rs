//! What happens, told to whoever observes it: the way to build a dashboard.
//!
//! An [`Observer`] is told each [`Event`] of the requests and tasks of a platform. It sees what the
//! library knows: when a request came, when its response was finished and how, what was scheduled
//! where, when it ran and how it ended, and what holds a shutdown. The inspector (feature
//! `inspector`) is one; metrics and spans are told apart from it, and stay as they are.
//!
//! ```
//! use axum::Router;
//! use with_after::{AfterLayer, observe::Event, platform::InProcess};
//!
//! let platform = InProcess::new();
//! platform.observe(|event: &Event<'_>| {
//!     if let Event::TaskEnded { scope, report, .. } = event {
//!         println!("request {scope}: `{}` took {:?}", report.name(), report.run_time());
//!     }
//! });
//! let app: Router = Router::new().layer(AfterLayer::with_platform(platform));
//! // Or: serve(listener, app).observe(..)
//! ```
//!
//! Where nobody observes a platform nothing is recorded; without the feature `observe` no code is
//! there that could. `cargo run --example observer` is a whole one, that writes lines of JSON.

pub use crate::host::{Event, Observer, Origin, RequestHead, ScopeId, TaskId};
