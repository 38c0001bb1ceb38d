//! Who keeps the process alive for the work, and who hears how it ended.

#[cfg(feature = "observe")]
mod event;
#[cfg(feature = "metrics")]
pub(crate) mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "no_metrics.rs"]
pub(crate) mod metrics;
#[cfg(feature = "observe")]
pub(crate) mod observe;
#[cfg(not(feature = "observe"))]
#[path = "no_observe.rs"]
pub(crate) mod observe;
mod platform;
mod policy;
mod report;
mod tell;

#[cfg(feature = "observe")]
pub use self::event::{Event, Observer, Origin, RequestHead, ScopeId, TaskId};
#[cfg(feature = "observe")]
pub(crate) use self::observe::Observers;
#[cfg(feature = "prerender")]
pub(crate) use self::policy::OnFailure;
pub(crate) use self::policy::{Hosting, Policy};
pub use self::{
    platform::{Overload, Platform},
    report::{TaskEnd, TaskReport},
};
