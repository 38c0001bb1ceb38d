//! One page at one path: what is kept of it, and its one render at a time.
//!
//! # Invariants
//!
//! - At most one flight exists: it is made, and taken out, under the lock.
//! - A flight ends exactly once, at the latest when it is dropped, and then wakes all who wait.
//! - A render satisfies those who ask for generation `n` only if it began after `n` was asked for.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Params, page::Page, render::Kept};
use crate::sync::{Mutex, lock};

/// Without an age of its own, a page whose render failed is tried again after this time.
const RETRY: Duration = Duration::from_secs(30);

/// One page at one path.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) page: Arc<Page>,
    /// In canonical form.
    pub(super) path: String,
    pub(super) params: Params,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    kept: Option<Arc<Kept>>,
    /// When `kept` is to be replaced; `None` for never.
    stale_at: Option<Instant>,
    /// Counts the revalidations that were asked for.
    wanted: u64,
    /// The generation of `kept`.
    present: u64,
    flight: Option<Landing>,
}

/// What those who wait know of a flight.
#[derive(Clone, Debug)]
struct Landing {
    generation: u64,
    ended: CancellationToken,
}

/// A render in progress.
#[derive(Debug)]
#[must_use = "others wait for the end of a flight"]
pub(super) struct Flight {
    entry: Arc<Entry>,
    landing: Landing,
    /// What was rendered, once it was.
    kept: Option<Arc<Kept>>,
}

/// What to do for one who asks for the page.
enum Turn {
    Serve(Arc<Kept>),
    ServeStale(Arc<Kept>, Flight),
    Render(Flight),
    Wait(Landing),
}

impl Entry {
    pub(super) fn new(page: Arc<Page>, path: String, params: Params) -> Self {
        let state = State { kept: None, stale_at: None, wanted: 1, present: 0, flight: None };
        Self { page, path, params, state: Mutex::new(state) }
    }

    /// Returns what is kept, or waits for the render that makes it. `start` gets each flight that
    /// is to be rendered, and must not wait for it. Returns `None` if the render fails, and
    /// nothing is kept.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting, and no render.
    pub(super) async fn fetch(self: &Arc<Self>, start: impl Fn(Flight)) -> Option<Arc<Kept>> {
        let wanted = lock(&self.state).wanted;
        loop {
            let landing = match self.turn(wanted) {
                Turn::Serve(kept) => return Some(kept),
                Turn::ServeStale(kept, flight) => {
                    start(flight);
                    return Some(kept);
                }
                Turn::Wait(landing) => landing,
                Turn::Render(flight) => {
                    let landing = flight.landing.clone();
                    start(flight);
                    landing
                }
            };
            landing.ended.cancelled().await;
            if landing.generation >= wanted {
                return lock(&self.state).kept.clone();
            }
        }
    }

    fn turn(self: &Arc<Self>, wanted: u64) -> Turn {
        let mut state = lock(&self.state);
        let too_old = state.stale_at.is_some_and(|at| at <= Instant::now());
        match (state.kept.clone().filter(|_| state.present >= wanted), state.flight.clone()) {
            (Some(kept), None) if too_old => Turn::ServeStale(kept, self.take_off(&mut state)),
            (Some(kept), _) => Turn::Serve(kept),
            (None, Some(landing)) => Turn::Wait(landing),
            (None, None) => Turn::Render(self.take_off(&mut state)),
        }
    }

    fn take_off(self: &Arc<Self>, state: &mut State) -> Flight {
        let landing = Landing { generation: state.wanted, ended: CancellationToken::new() };
        state.flight = Some(landing.clone());
        Flight { entry: Arc::clone(self), landing, kept: None }
    }

    /// Lets the next one who asks wait for a new render.
    pub(super) fn expire(&self) {
        lock(&self.state).wanted += 1;
    }

    /// Returns what is kept.
    pub(super) fn kept(&self) -> Option<Arc<Kept>> {
        lock(&self.state).kept.clone()
    }

    /// Begins a render, while nobody else can.
    pub(super) fn first_flight(self: &Arc<Self>) -> Flight {
        self.take_off(&mut lock(&self.state))
    }

    fn age(&self, kept: &Kept) -> Option<Duration> {
        // What is rendered for each request is always new.
        self.page.revalidate_after.filter(|_| !matches!(kept, Kept::Dynamic(_)))
    }
}

impl Flight {
    pub(super) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// Keeps what was rendered. A flight that is dropped has failed: it leaves what was kept,
    /// until it is time to try again.
    pub(super) fn land(mut self, kept: Kept) {
        self.kept = Some(Arc::new(kept));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Self { entry, landing, kept } = self;
        let landed = kept.take();
        let mut state = lock(&entry.state);
        state.flight = None;
        if let Some(kept) = landed.as_ref().or(state.kept.as_ref()) {
            let age = entry.age(kept).or(landed.is_none().then_some(RETRY));
            state.stale_at = age.and_then(|age| Instant::now().checked_add(age));
            state.present = landing.generation;
        }
        let replaced = landed.and_then(|kept| state.kept.replace(kept));
        drop(state);
        // Holds the user's code, so not under the lock.
        drop(replaced);
        landing.ended.cancel();
    }
}
