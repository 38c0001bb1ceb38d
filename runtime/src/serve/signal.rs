//! The signals that stop a server.

use std::{io, time::Duration};

use tokio::time::{Instant, sleep_until};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long signals count as one: wrappers such as `cargo run` and shells send each to the whole
/// group and then once more.
const PAIR: Duration = Duration::from_millis(500);

/// SIGTERM and SIGINT; Ctrl-C where there are no such signals.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    /// Until when further signals are those of before.
    deaf_until: Option<Instant>,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn install() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { terminate, interrupt, deaf_until: None })
    }

    /// Waits for the next signal; what comes within half a second of one is part of it.
    pub(super) async fn next(&mut self) {
        if let Some(deaf_until) = self.deaf_until {
            let mut over = std::pin::pin!(sleep_until(deaf_until));
            loop {
                tokio::select! {
                    biased;
                    () = self.receive() => {}
                    () = &mut over => break,
                }
            }
        }
        self.receive().await;
        self.deaf_until = Some(Instant::now() + PAIR);
    }

    #[cfg(unix)]
    async fn receive(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "it fails elsewhere")]
    pub(super) fn install() -> io::Result<Self> {
        Ok(Self { deaf_until: None })
    }

    #[cfg(not(unix))]
    async fn receive(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}
