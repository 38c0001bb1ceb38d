//! Leptos, rendered on the server.
//!
//! Its page in the guide, with setup and limits:
//! [`guide::hosts::leptos`](crate::guide::hosts::leptos).

use std::pin::Pin;

use any_spawner::{CustomExecutor, Executor, ExecutorError};

use crate::scope::Scope;

/// Has whatever Leptos spawns carry the scope of the request for which it is spawned.
///
/// Resources and actions of Leptos load their data in spawned tasks, which would otherwise find no
/// scope. Call it at the start of `main`, before Leptos chooses an executor of its own: it does so
/// when the first route is made. Futures run on tokio, as they do by default.
///
/// # Errors
///
/// Returns an error if another executor was chosen before.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// with_after::leptos::init_executor()?;
/// # Ok(())
/// # }
/// ```
pub fn init_executor() -> Result<(), ExecutorError> {
    Executor::init_custom_executor(ScopedTokio)
}

/// tokio, where spawned futures stand in the scope of the code that spawns them.
struct ScopedTokio;

impl CustomExecutor for ScopedTokio {
    fn spawn(&self, future: Pin<Box<dyn Future<Output = ()> + Send>>) {
        drop(match Scope::current() {
            Some(scope) => tokio::spawn(scope.run(future)),
            None => tokio::spawn(future),
        });
    }

    fn spawn_local(&self, future: Pin<Box<dyn Future<Output = ()>>>) {
        drop(match Scope::current() {
            Some(scope) => tokio::task::spawn_local(scope.run(future)),
            None => tokio::task::spawn_local(future),
        });
    }

    /// tokio polls by itself.
    fn poll_local(&self) {}
}
