//! What one request owns, and how running code finds it.

mod current;
mod detached;
mod flush;
mod host;
mod inner;
mod memo;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "no_metrics.rs"]
mod metrics;
mod opened;
mod origin;
mod prerender;
mod report;
mod runner;
mod spare;
mod work;

#[cfg(all(test, with_after_loom))]
mod models;

#[cfg(feature = "prerender")]
pub(crate) use self::{current::InScope, detached::detach, host::OnFailure, prerender::Prerender};
pub use self::{
    current::Scope,
    host::{Overload, Platform, TaskEnd, TaskReport},
    work::Work,
};
pub(crate) use self::{
    current::{Entered, called, current, enter},
    flush::Flush,
    host::{Hosting, Policy, Server},
    inner::{Inner, Lookup},
    memo::{Argument, Key},
    opened::{Ending, Opened},
    origin::Origin,
    work::Track,
};
use self::{memo::Memo, report::Fate};
