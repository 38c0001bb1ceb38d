//! What runs beside a server, and ends with it.

use std::{fmt, future::Future};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::BoxFuture;

type Start = Box<dyn FnOnce(BoxFuture<()>) -> BoxFuture<()> + Send>;

/// What is to run beside a server.
#[derive(Default)]
pub(super) struct Alongside {
    starts: Vec<Start>,
}

impl Alongside {
    pub(super) fn add<F>(&mut self, run: impl FnOnce(BoxFuture<()>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.starts.push(Box::new(|stop| Box::pin(run(stop))));
    }

    pub(super) fn start(self) -> Running {
        let (stop, mut futures) = (CancellationToken::new(), JoinSet::new());
        for start in self.starts {
            futures.spawn(start(Box::pin(stop.clone().cancelled_owned())));
        }
        Running { stop, futures }
    }
}

impl fmt::Debug for Alongside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alongside").field("futures", &self.starts.len()).finish()
    }
}

/// What runs beside a server, until it has ended or this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    stop: CancellationToken,
    futures: JoinSet<()>,
}

impl Running {
    /// Asks all to end, and waits until they have.
    pub(super) async fn stop(&mut self) {
        self.stop.cancel();
        while let Some(ended) = self.futures.join_next().await {
            if let Err(error) = ended {
                tracing::error!(target: "with_after", %error, "what ran alongside the server failed");
            }
        }
    }
}
