//! One page at one path: what is kept of it, and its one render at a time.
//!
//! # Invariants
//!
//! - At most one flight exists: it is made, and taken out, under the lock.
//! - A flight ends exactly once, at the latest when it is dropped, and then wakes all who wait.
//! - A render satisfies those who ask for a generation only if it began after that was asked for.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Family, Generation};
use crate::{
    net::contain,
    prerender::render::Kept,
    sync::{Mutex, lock},
};

/// A failed render is tried again within this time.
const RETRY_WITHIN: Duration = Duration::from_secs(30);

/// The pause after the first failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// For how long it is remembered that something is not there.
const NOT_FOUND_AGE: Duration = Duration::from_secs(60);

/// One page at one path.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) family: Arc<Family>,
    /// In canonical form.
    pub(crate) path: Arc<str>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    kept: Option<Arc<Kept>>,
    /// When `kept` is to be replaced; `None` for never.
    stale_at: Option<Instant>,
    /// The revalidations of this page alone.
    wanted: Generation,
    /// The generation of `kept`.
    present: Generation,
    flight: Option<Landing>,
    /// How many renders have failed since one did not.
    failures: u32,
}

/// What those who wait know of a flight.
#[derive(Clone, Debug)]
struct Landing {
    generation: Generation,
    ended: CancellationToken,
}

/// A render in progress.
#[derive(Debug)]
#[must_use = "others wait for the end of a flight"]
pub(crate) struct Flight {
    entry: Arc<Entry>,
    landing: Landing,
    /// What was rendered, once it was.
    kept: Option<Arc<Kept>>,
}

/// What one who asks for the page gets.
pub(crate) enum Fetched {
    Kept(Arc<Kept>),
    /// The render has failed, and nothing older is kept.
    Failed,
}

/// What to do for one who asks for the page.
enum Turn {
    Serve(Arc<Kept>),
    ServeStale(Arc<Kept>, Flight),
    Render(Flight),
    Wait(Landing),
}

impl Entry {
    pub(crate) fn new(family: Arc<Family>, path: Arc<str>) -> Self {
        let state = State {
            kept: None,
            stale_at: None,
            wanted: Generation::FIRST,
            present: Generation::default(),
            flight: None,
            failures: 0,
        };
        Self { family, path, state: Mutex::new(state) }
    }

    /// Returns what is kept if that is what to serve, and nothing is to be done.
    pub(crate) fn ready(&self) -> Option<Arc<Kept>> {
        let state = lock(&self.state);
        let current = !state.present.is_behind(self.wanted(&state)) && !state.is_too_old();
        state.kept.clone().filter(|_| current)
    }

    /// Returns what is kept, or waits for the render that makes it. `start` gets each flight that
    /// is to be rendered, and must not wait for it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting, and no render.
    pub(crate) async fn fetch(self: &Arc<Self>, start: impl Fn(Flight)) -> Fetched {
        let wanted = self.wanted(&lock(&self.state));
        loop {
            let landing = match self.turn(wanted) {
                Turn::Serve(kept) => return Fetched::Kept(kept),
                Turn::ServeStale(kept, flight) => {
                    start(flight);
                    return Fetched::Kept(kept);
                }
                Turn::Wait(landing) => landing,
                Turn::Render(flight) => {
                    let landing = flight.landing.clone();
                    start(flight);
                    landing
                }
            };
            landing.ended.cancelled().await;
            if landing.generation.satisfies(wanted) {
                return self.kept().map_or(Fetched::Failed, Fetched::Kept);
            }
        }
    }

    fn turn(self: &Arc<Self>, wanted: Generation) -> Turn {
        let mut state = lock(&self.state);
        let behind = state.present.is_behind(self.wanted(&state)) || state.is_too_old();
        let kept = state.kept.clone().filter(|_| state.present.satisfies(wanted));
        match (kept, state.flight.clone()) {
            (Some(kept), None) if behind => Turn::ServeStale(kept, self.take_off(&mut state)),
            (Some(kept), _) => Turn::Serve(kept),
            (None, Some(landing)) => Turn::Wait(landing),
            (None, None) => Turn::Render(self.take_off(&mut state)),
        }
    }

    fn take_off(self: &Arc<Self>, state: &mut State) -> Flight {
        let landing = Landing { generation: self.wanted(state), ended: CancellationToken::new() };
        state.flight = Some(landing.clone());
        Flight { entry: Arc::clone(self), landing, kept: None }
    }

    fn wanted(&self, state: &State) -> Generation {
        state.wanted + self.family.wanted()
    }

    /// Lets the next one who asks wait for a new render, or start one and have the old page.
    pub(crate) fn revalidate(&self, stale: bool) {
        lock(&self.state).wanted.raise(stale);
    }

    /// Returns what is kept.
    pub(crate) fn kept(&self) -> Option<Arc<Kept>> {
        lock(&self.state).kept.clone()
    }

    /// Returns whether what is kept is too old to be taken for new.
    pub(super) fn is_too_old(&self) -> bool {
        lock(&self.state).is_too_old()
    }

    /// Begins a render, while nobody else can.
    pub(crate) fn first_flight(self: &Arc<Self>) -> Flight {
        self.take_off(&mut lock(&self.state))
    }

    fn age(&self, kept: &Kept) -> Option<Duration> {
        let own = self.family.page.revalidate_after;
        match kept {
            // What is rendered for each request is always new.
            Kept::Dynamic(_) => None,
            _ if kept.is_not_found() => Some(own.unwrap_or(NOT_FOUND_AGE).min(NOT_FOUND_AGE)),
            _ => own,
        }
    }
}

impl State {
    fn is_too_old(&self) -> bool {
        self.stale_at.is_some_and(|at| at <= Instant::now())
    }

    /// Returns for how long what is kept is served before a render that failed is tried again.
    fn pause(&self, age: Option<Duration>) -> Duration {
        let doublings = self.failures.saturating_sub(1);
        let pause = FIRST_PAUSE.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX));
        pause.min(RETRY_WITHIN).min(age.unwrap_or(RETRY_WITHIN))
    }
}

impl Flight {
    pub(crate) fn entry(&self) -> &Arc<Entry> {
        &self.entry
    }

    /// Keeps what was rendered. A flight that is dropped has failed: it leaves what was kept,
    /// until it is time to try again.
    pub(crate) fn land(mut self, kept: Kept) {
        self.entry.family.found(&kept);
        self.kept = Some(Arc::new(kept));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Self { entry, landing, kept } = self;
        let landed = kept.take();
        let mut state = lock(&entry.state);
        state.flight = None;
        state.failures = if landed.is_some() { 0 } else { state.failures.saturating_add(1) };
        if let Some(kept) = landed.as_ref().or(state.kept.as_ref()) {
            let age = entry.age(kept);
            let lasts = if landed.is_some() { age } else { Some(state.pause(age)) };
            state.stale_at = lasts.and_then(|lasts| Instant::now().checked_add(lasts));
            state.present = landing.generation;
        }
        let replaced = landed.and_then(|kept| state.kept.replace(kept));
        drop(state);
        landing.ended.cancel();
        // Holds the user's code, so not under the lock.
        drop(contain(|| drop(replaced)));
    }
}
