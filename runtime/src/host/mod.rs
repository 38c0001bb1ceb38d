//! Who keeps the process alive for the work, and who hears how it ended.

#[cfg(feature = "metrics")]
pub(crate) mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "no_metrics.rs"]
pub(crate) mod metrics;
mod platform;
mod policy;
mod report;
mod tell;

#[cfg(feature = "prerender")]
pub(crate) use self::policy::OnFailure;
pub(crate) use self::policy::{Hosting, Policy};
pub use self::{
    platform::{Overload, Platform},
    report::{TaskEnd, TaskReport},
};
