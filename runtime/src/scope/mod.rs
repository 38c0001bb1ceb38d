//! What one request owns, and how running code finds it.

mod blocking;
mod current;
mod detached;
mod flush;
mod follower;
mod host;
mod inner;
mod launch;
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
mod server;
mod spare;
mod tasks;
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
    host::{Hosting, Policy},
    inner::{Inner, Lookup},
    memo::{Argument, Key},
    opened::{Ending, Opened},
    origin::Origin,
    server::Server,
    work::Track,
};
use self::{launch::Launch, memo::Memo, report::Fate};
