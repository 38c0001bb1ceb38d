//! What a task can ask about itself.

use std::time::Instant;

use crate::{outcome::Outcome, place, scope};

/// Returns, in a task, how the response ended.
///
/// It is `None` outside of a task, and in a task of a scope without a response: one that
/// [`run`](crate::run()) opened, or an annotated function without
/// [`AfterLayer`][crate::AfterLayer].
///
/// # Examples
///
/// ```
/// use with_after::{End, after, outcome, with_after};
///
/// #[with_after]
/// async fn download() {
///     after(|| {
///         if let Some(outcome) = outcome() {
///             println!("{:?} after {} bytes", outcome.end(), outcome.body_bytes());
///         }
///     });
/// }
/// ```
#[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("../guide/links/tower.md"))]
#[must_use]
pub fn outcome() -> Option<Outcome> {
    place::current().task()?;
    scope::current()?.outcome()
}

/// Returns, in a task, when it will be cut: see
/// [`TaskBuilder::max_duration`](crate::TaskBuilder::max_duration).
///
/// It is `None` outside of a task, and in a task without a limit.
#[must_use]
pub fn deadline() -> Option<Instant> {
    place::current().task()?.deadline.map(tokio::time::Instant::into_std)
}
