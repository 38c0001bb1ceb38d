//! A scope without a request.

use std::sync::Arc;

use crate::{connection::Opened, host::Policy, outcome::Ending, platform::Driver, scope::Origin};

/// Runs `future` in a scope of its own, then the tasks it has scheduled, and returns its output
/// when all have ended.
///
/// For what has no request: scripts, cron jobs, workers. The request APIs are refused inside.
///
/// # Cancel safety
///
/// If the returned future is dropped, `future` is dropped and the tasks scheduled so far run on
/// [`platform::in_process()`](crate::platform::in_process()).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let rows = with_after::run(async {
///     with_after::after(|| println!("2. the import is done"));
///     println!("1. importing");
///     3
/// })
/// .await;
/// println!("3. {rows} rows");
/// # }
/// ```
pub async fn run<F: Future>(future: F) -> F::Output {
    let driver = Driver::new();
    let policy = Arc::new(Policy::new(driver.hosting()));
    let mut opened = Opened::new(policy, Origin::Call);
    let output = opened.run(future).await;
    opened.finish(Ending::returned());
    driver.drive().await;
    output
}
