//! What runs beside a server, and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::BoxFuture;
use crate::net::tell;

/// A future that is ready when a server is told to stop: see
/// [`Serve::alongside`](super::Serve::alongside).
#[must_use = "it does nothing unless it is awaited"]
pub struct Stop {
    cancelled: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl Stop {
    fn new(token: &CancellationToken) -> Self {
        Self { cancelled: Box::pin(token.clone().cancelled_owned()) }
    }
}

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.cancelled.as_mut().poll(cx)
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").finish_non_exhaustive()
    }
}

type Start = Box<dyn FnOnce(Stop) -> BoxFuture<()> + Send>;

/// What is to run beside a server.
#[derive(Default)]
pub(super) struct Alongside {
    starts: Vec<Start>,
}

impl Alongside {
    pub(super) fn add<F>(&mut self, run: impl FnOnce(Stop) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.starts.push(Box::new(|stop| Box::pin(run(stop))));
    }

    pub(super) fn start(self) -> Companions {
        let (stop, mut futures) = (CancellationToken::new(), JoinSet::new());
        for start in self.starts {
            // Called in its own task: it is the user's code.
            let told = Stop::new(&stop);
            futures.spawn(async { start(told).await });
        }
        Companions { stop, futures }
    }
}

impl fmt::Debug for Alongside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alongside").field("futures", &self.starts.len()).finish()
    }
}

/// What runs beside a server, until it has ended or this is dropped.
#[derive(Debug)]
pub(super) struct Companions {
    stop: CancellationToken,
    futures: JoinSet<()>,
}

impl Companions {
    /// Asks all to end, and waits until they have.
    pub(super) async fn stop(&mut self) {
        self.stop.cancel();
        while let Some(ended) = self.futures.join_next().await {
            if let Err(error) = ended {
                tell(|| {
                    tracing::error!(target: "with_after", %error, "what ran alongside the server failed (see with_after::guide::troubleshooting)");
                });
            }
        }
    }
}
