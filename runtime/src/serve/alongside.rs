//! What runs beside a server, and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{sync::watch, task::JoinSet};

use super::BoxFuture;
use crate::net::tell;

/// A future that is ready when a server is told to stop: see
/// [`Serve::alongside`](super::Serve::alongside).
#[must_use = "it does nothing unless it is awaited"]
pub struct Stop {
    told: Pin<Box<dyn Future<Output = ()> + Send + Sync>>,
}

impl Stop {
    fn new(mut is_told: watch::Receiver<bool>) -> Self {
        let told = async move {
            // An error says that the server is gone.
            drop(is_told.wait_for(|is_told| *is_told).await);
        };
        Self { told: Box::pin(told) }
    }
}

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.told.as_mut().poll(cx)
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
        let (stop, is_told) = watch::channel(false);
        let mut futures = JoinSet::new();
        for start in self.starts {
            // Called in its own task: it is the user's code.
            let told = Stop::new(is_told.clone());
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
    stop: watch::Sender<bool>,
    futures: JoinSet<()>,
}

impl Companions {
    /// Asks all to end, and waits until they have.
    pub(super) async fn stop(&mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.futures.join_next().await {
            if let Err(error) = ended {
                tell(|| {
                    tracing::error!(target: "with_after", %error, "what ran alongside the server failed (see with_after::guide::troubleshooting)");
                });
            }
        }
    }
}
