//! A collector of what tasks see of their response.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use with_after::{End, Outcome, after, outcome};

use super::within;

/// Creates a collector: one half for handlers, one for the test.
pub(crate) fn outcomes() -> (Report, Outcomes) {
    let (sender, receiver) = unbounded_channel();
    (Report { sender }, Outcomes { receiver })
}

/// The handlers' half.
#[derive(Clone)]
pub(crate) struct Report {
    sender: UnboundedSender<Option<Outcome>>,
}

/// The test's half.
pub(crate) struct Outcomes {
    receiver: UnboundedReceiver<Option<Outcome>>,
}

/// Status, end, and count of the body's bytes.
pub(crate) type Seen = (Option<u16>, End, u64);

impl Report {
    /// Schedules a task that reports its outcome.
    pub(crate) fn schedule(&self) {
        let sender = self.sender.clone();
        // Nobody listens any more where a test has failed.
        after(move || {
            let _ = sender.send(outcome());
        });
    }
}

impl Outcomes {
    /// Waits for the next task.
    pub(crate) async fn next(&mut self) -> Seen {
        let outcome = within(self.receiver.recv()).await.expect("a handler holds the other half");
        let outcome = outcome.expect("a task of a request has an outcome");
        (outcome.status().map(|status| status.as_u16()), outcome.end(), outcome.body_bytes())
    }

    /// Says that no task has run so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }
}
