//! A collector of what tasks see of their response.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use with_after::{End, Outcome, after, outcome};

use crate::within;

/// Creates a collector: one half for handlers, one for the test.
#[must_use]
pub fn outcomes() -> (Report, Outcomes) {
    let (sender, receiver) = unbounded_channel();
    (Report { sender }, Outcomes { receiver })
}

/// The handlers' half.
#[derive(Clone, Debug)]
pub struct Report {
    sender: UnboundedSender<Option<Outcome>>,
}

/// The test's half.
#[derive(Debug)]
pub struct Outcomes {
    receiver: UnboundedReceiver<Option<Outcome>>,
}

/// Status, end, and count of the body's bytes.
pub type Seen = (Option<u16>, End, u64);

impl Report {
    /// Schedules a task that reports its outcome.
    pub fn schedule(&self) {
        let sender = self.sender.clone();
        // Nobody listens any more where a test has failed.
        after(move || {
            let _ = sender.send(outcome());
        });
    }
}

impl Outcomes {
    /// Waits for the next task.
    ///
    /// # Panics
    ///
    /// Panics if none comes, or if it is the task of no request.
    pub async fn next(&mut self) -> Seen {
        let outcome = within(self.receiver.recv()).await.expect("a handler holds the other half");
        let outcome = outcome.expect("a task of a request has an outcome");
        (outcome.status().map(|status| status.as_u16()), outcome.end(), outcome.body_bytes())
    }

    /// Says that no task has run so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }
}
