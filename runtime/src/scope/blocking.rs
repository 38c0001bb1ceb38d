//! Tasks that block their thread.

use std::panic;

use tokio::{runtime::Handle, task::spawn_blocking};
use tokio_util::task::AbortOnDropHandle;
use tracing::Span;

use super::current::{current, enter};
use crate::{place, work::BoxFuture};

/// Makes code that runs `code` in the blocking pool, where it stands in the same place and span.
pub(super) fn run_blocking(code: BoxFuture) -> BoxFuture {
    Box::pin(async {
        let (scope, place, runtime) = (current(), place::current(), Handle::try_current()?);
        let span = Span::current();
        let task = spawn_blocking(move || {
            let _entered = enter(scope, place);
            span.in_scope(|| runtime.block_on(code))
        });
        // What has not begun when this is dropped never begins.
        match AbortOnDropHandle::new(task).await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => panic::resume_unwind(payload),
                Err(error) => Err(error.into()),
            },
        }
    })
}
