//! What jobs tell the test.

use std::sync::{Arc, Mutex};

use tokio::sync::{
    Mutex as AsyncMutex, Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use with_after_jobs::job;

use super::within;

/// What jobs tell the test: lent to them.
#[derive(Clone)]
pub(crate) struct Seen {
    tell: UnboundedSender<String>,
    told: Arc<AsyncMutex<UnboundedReceiver<String>>>,
    /// Jobs that wait for it go on when the test adds permits.
    pub(crate) gate: Arc<Semaphore>,
    all: Arc<Mutex<Vec<String>>>,
}

impl Seen {
    pub(crate) fn new() -> Self {
        let (tell, told) = unbounded_channel();
        let told = Arc::new(AsyncMutex::new(told));
        Self { tell, told, gate: Arc::new(Semaphore::new(0)), all: Arc::default() }
    }

    pub(crate) fn tell(&self, what: impl Into<String>) {
        let what = what.into();
        self.all.lock().expect("nobody panics here").push(what.clone());
        drop(self.tell.send(what));
    }

    /// Waits for the next thing told.
    pub(crate) async fn next(&self) -> String {
        let mut told = self.told.lock().await;
        within(told.recv()).await.expect("it lives as long as this")
    }

    /// Returns all that was told so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.all.lock().expect("nobody panics here").clone()
    }
}

/// Tells its argument.
#[job]
pub(crate) async fn tell(what: String, seen: &Seen) {
    seen.tell(what);
}

/// Tells its argument, then waits at the gate.
#[job]
pub(crate) async fn wait(what: String, seen: &Seen) {
    seen.tell(format!("{what} begins"));
    seen.gate.acquire().await.expect("the gate is never closed").forget();
    seen.tell(format!("{what} ends"));
}

/// Fails as often as it is told to.
#[job]
pub(crate) async fn fail(times: usize, seen: &Seen) -> Result<(), String> {
    let failed = seen.all().iter().filter(|told| *told == "failed").count();
    if failed < times {
        seen.tell("failed");
        return Err(format!("failure {}", failed + 1));
    }
    seen.tell("succeeded");
    Ok(())
}
