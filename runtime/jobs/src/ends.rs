//! River tells how jobs ended once that is stored.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use riverqueue::{
    Client, Error, Event, EventKind, EventReceiver, EventRecvError, JobEventKind, SubscribeConfig,
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

const ROOM: NonZeroUsize = NonZeroUsize::new(100_000).expect("it is not zero");

/// Who waits for the end of which job to be stored.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// `None` while nobody listens.
    waiting: Mutex<Option<HashMap<i64, oneshot::Sender<()>>>>,
}

/// How the runs of jobs ended.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    completed: u64,
    failed: u64,
    cancelled: u64,
    snoozed: u64,
    given_back: u64,
    /// Of so many it is not known.
    missed: u64,
}

impl Ends {
    /// Returns a future that ends when the end of the job is stored, or that cannot be known.
    pub(crate) fn stored(&self, id: i64) -> impl Future<Output = ()> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        if let Some(waiting) = &mut *self.lock() {
            waiting.insert(id, sender);
        }
        async { drop(receiver.await) }
    }

    /// Begins to listen.
    pub(crate) fn subscribe(&self, client: &Client) -> Result<EventReceiver, Error> {
        let kinds = [
            EventKind::JobCancelled,
            EventKind::JobCompleted,
            EventKind::JobFailed,
            EventKind::JobInterrupted,
            EventKind::JobSnoozed,
        ];
        let events = SubscribeConfig::new(kinds)?.with_buffer_capacity(ROOM);
        let events = client.subscribe_config(events)?;
        self.lock().get_or_insert_default();
        Ok(events)
    }

    /// Listens until `stop`, then to what was said before.
    pub(crate) async fn listen(
        &self,
        mut events: EventReceiver,
        stop: CancellationToken,
    ) -> Figures {
        let mut figures = Figures::default();
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Ok(Event::Job(event)) => {
                        figures.count(event.kind);
                        self.tell(event.job.id);
                    }
                    Ok(_) => {}
                    Err(EventRecvError::Lagged(missed)) => {
                        figures.missed += missed;
                        self.tell_all();
                    }
                    Err(_) => break,
                },
                () = stop.cancelled() => break,
            }
        }
        *self.lock() = None;
        figures
    }

    fn tell(&self, id: i64) {
        if let Some(waiting) = &mut *self.lock() {
            // Who waits hears of it when this is dropped.
            drop(waiting.remove(&id));
        }
    }

    fn tell_all(&self) {
        if let Some(waiting) = &mut *self.lock() {
            waiting.clear();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<HashMap<i64, oneshot::Sender<()>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Figures {
    fn count(&mut self, kind: JobEventKind) {
        let figure = match kind {
            JobEventKind::Completed => &mut self.completed,
            JobEventKind::Failed => &mut self.failed,
            JobEventKind::Cancelled => &mut self.cancelled,
            JobEventKind::Snoozed => &mut self.snoozed,
            JobEventKind::Interrupted => &mut self.given_back,
            _ => &mut self.missed,
        };
        *figure += 1;
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { completed, failed, cancelled, snoozed, given_back, missed } = self;
        write!(
            f,
            "jobs: {completed} completed, {failed} failed, {cancelled} cancelled, {snoozed} snoozed, {given_back} given back"
        )?;
        if *missed > 0 {
            write!(f, ", {missed} not counted")?;
        }
        Ok(())
    }
}
