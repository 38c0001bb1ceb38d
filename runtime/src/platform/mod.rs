//! The hosts that keep the process alive for the work after a response.
//!
//! [`AfterLayer::new`][crate::AfterLayer::new] finds its host by itself: [`serve`][crate::serve()]
//! announces one of its own in every request, and under any other server [`in_process`] is used,
//! which the application drains before it exits:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use with_after::platform;
//! # async fn any_server() {}
//! # #[tokio::main]
//! # async fn main() {
//! any_server().await;
//! println!("{}", platform::in_process().drain(Duration::from_secs(30)).await);
//! # }
//! ```
#![cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("../guide/links/tower.md"))]
#![cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("../guide/links/axum.md"))]

mod builder;
mod drain;
mod held;
mod in_process;
mod registry;
mod report;

pub(crate) use self::held::{Driver, Held};
#[cfg(feature = "axum")]
pub(crate) use self::registry::Registry;
pub use self::{
    builder::InProcessBuilder,
    in_process::InProcess,
    report::{AbandonedTask, DrainReport},
};
pub use crate::{
    host::{Overload, Platform, TaskEnd, TaskReport},
    work::Work,
};

use std::sync::LazyLock;

static IN_PROCESS: LazyLock<InProcess> = LazyLock::new(InProcess::process_wide);

/// Returns the process-wide platform, which serves wherever no other is given or announced.
///
/// In a function of AWS Lambda it refuses all work, which would be frozen with the process.
#[must_use]
pub fn in_process() -> InProcess {
    IN_PROCESS.clone()
}

/// Returns the same for those who only borrow it.
pub(crate) fn shared() -> &'static dyn Platform {
    &*IN_PROCESS
}
