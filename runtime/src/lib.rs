//! Schedules work to run after a web response is finished.

#![cfg_attr(not(feature = "axum"), expect(dead_code, reason = "only `serve` knows of flushes"))]

mod api;
mod error;
mod handler;
#[cfg(feature = "tower")]
pub mod middleware;
mod outcome;
mod phase;
pub mod platform;
mod request;
mod scope;
#[cfg(feature = "axum")]
mod serve;
mod sync;
mod work;

#[cfg(feature = "tower")]
pub use crate::middleware::AfterLayer;
#[cfg(feature = "axum")]
pub use crate::serve::{Serve, serve};
pub use crate::{
    api::{
        Interrupt, TaskBuilder, after, connection, cookies, deadline, headers, not_found, outcome,
        permanent_redirect, redirect, run, task, try_after, try_cookies, try_headers,
    },
    error::{AfterError, CookieWriteError, RequestApiError},
    outcome::{End, Outcome},
    phase::Kind,
    request::{Cookies, Headers},
    scope::Scope,
    work::{Cause, IntoTask, RunOn, TaskFailure, TaskOutput},
};
pub use cookie::{self, Cookie};
// pub use with_after_macros::with_after;

#[doc(hidden)]
pub mod __private {
    pub use crate::{
        handler::{enter, future},
        phase::{Handler, Kind},
    };
}
