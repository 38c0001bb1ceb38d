//! What goes on while the workers live: their heartbeat, and looking after the others'.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Options, Shared};
use crate::{
    error::JobError,
    record::Seconds,
    store::{Store, Worker},
};

/// How many heartbeats are missed by a worker that is taken for dead.
const MISSED: u32 = 3;
const PURGE_EVERY: Duration = Duration::from_mins(1);

/// Tells that the worker lives, also while it drains; takes over what dead workers had; and
/// deletes what is done for long.
pub(super) async fn beat<S: Store>(
    store: S,
    worker: Arc<Worker>,
    shared: Arc<Shared>,
    options: Options,
) {
    let mut ticks = interval(options.heartbeat);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut purged: Option<Instant> = None;
    loop {
        ticks.tick().await;
        complain(store.beat(&worker).await);
        match store.recover(options.heartbeat * MISSED).await {
            Ok(dead) => dead.iter().for_each(|job| shared.hooks.dead(job)),
            Err(error) => complain(Err(error)),
        }
        if purged.is_none_or(|purged| purged.elapsed() >= PURGE_EVERY) {
            purged = Some(Instant::now());
            complain(store.purge(Seconds::before(options.keep_done_for)).await);
        }
    }
}

fn complain(result: Result<(), JobError>) {
    if let Err(error) = result {
        tracing::warn!(target: "with_after", %error, "tried again at the next heartbeat");
    }
}
