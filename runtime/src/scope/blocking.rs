//! Tasks that block their thread.

use std::panic::{self, AssertUnwindSafe};

use tokio::{runtime::Handle, task::JoinSet};
use tracing::Span;

use super::current::{current, enter};
use crate::{
    net::{Netted, in_span},
    place,
    work::BoxFuture,
};

/// Makes code that runs `code` in the blocking pool, where it stands in the same place and span.
pub(super) fn run_blocking(code: BoxFuture) -> BoxFuture {
    Box::pin(async {
        let (scope, place, runtime) = (current(), place::current(), Handle::try_current()?);
        let span = Netted::new(Span::current());
        // What has not begun when this is dropped never begins.
        let mut task = JoinSet::new();
        task.spawn_blocking(move || {
            let _entered = enter(scope, place);
            let run = AssertUnwindSafe(|| runtime.block_on(code));
            in_span(span.get(), || panic::catch_unwind(run))
        });
        let run = task.join_next().await.expect("one was spawned");
        match run? {
            Ok(result) => result,
            Err(payload) => panic::resume_unwind(payload),
        }
    })
}
