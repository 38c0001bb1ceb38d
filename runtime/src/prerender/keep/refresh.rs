//! Renders while a site is in use.

use std::sync::{Arc, atomic::Ordering};

use super::{Flight, Store};
use crate::{
    error::BoxError,
    net::contain,
    prerender::render::{Host, Kept, render, spawn_work},
};

/// How many renders may wait for each that may run.
const WAITING: usize = 16;

pub(super) fn is_full(store: &Store) -> bool {
    let limit = store.options.max_renders.saturating_mul(WAITING);
    store.under_way.load(Ordering::Relaxed) >= limit
}

/// Begins a render as work of its own; one that is too many fails at once.
pub(super) fn start(store: &Arc<Store>, flight: Flight, host: Host) {
    let full = is_full(store);
    let journey = Journey::begin(store, flight);
    if full {
        return;
    }
    let entry = journey.entry();
    let (name, location) = (format!("render {}", entry.path), entry.family.page.location);
    spawn_work(host.clone(), name, location, journey.render(host));
}

/// A flight that puts its entry in its place when it ends, however it does.
struct Journey {
    store: Arc<Store>,
    /// `None` once it has landed.
    flight: Option<Flight>,
    entry: Arc<super::Entry>,
}

impl Journey {
    fn begin(store: &Arc<Store>, flight: Flight) -> Self {
        // Read by `is_full` alone, which need not be exact.
        store.under_way.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::clone(flight.entry());
        Self { store: Arc::clone(store), flight: Some(flight), entry }
    }

    fn entry(&self) -> &super::Entry {
        &self.entry
    }

    async fn render(mut self, host: Host) -> Result<(), BoxError> {
        // Is never closed.
        let _permit = Arc::clone(&self.store.renders).acquire_owned().await;
        let entry = &self.entry;
        let params = entry.family.page.params(&entry.path).unwrap_or_default();
        let (result, rendered) = render(&entry.family.page, &entry.path, &params, host).await;
        let failure = match result {
            Ok(kept) => {
                if let Kept::Dynamic(dynamic) = &kept {
                    tracing::debug!(target: "with_after", path = &*entry.path, %dynamic, "the page is dynamic");
                }
                if let Some(flight) = self.flight.take() {
                    flight.land(kept);
                }
                None
            }
            Err(cause) => Some(cause),
        };
        let path = Arc::clone(&entry.path);
        // Before its tasks run, which may look at it.
        drop(self);
        rendered.finish();
        let Some(cause) = failure else { return Ok(()) };
        // The error inside is the user's code.
        let told = contain(|| cause.to_string());
        let told = told.unwrap_or_else(|panic| format!("failed: its error panicked: {panic}"));
        drop(contain(|| drop(cause)));
        Err(format!("the render of `{path}` {told}").into())
    }
}

impl Drop for Journey {
    fn drop(&mut self) {
        drop(self.flight.take());
        self.store.settle(&self.entry);
        self.store.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}
