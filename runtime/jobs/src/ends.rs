//! River tells how jobs ended once that is stored.

use std::{
    collections::{BTreeMap, HashMap},
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

/// How many runs of jobs ended in which way.
pub(crate) type Figures = BTreeMap<&'static str, u64>;

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
        let mut figures = Figures::new();
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Ok(Event::Job(event)) => {
                        *figures.entry(name(event.kind)).or_default() += 1;
                        self.tell(event.job.id);
                    }
                    Ok(_) => {}
                    Err(EventRecvError::Lagged(missed)) => {
                        *figures.entry("not counted").or_default() += missed;
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

fn name(kind: JobEventKind) -> &'static str {
    match kind {
        JobEventKind::Completed => "completed",
        JobEventKind::Failed => "failed",
        JobEventKind::Cancelled => "cancelled",
        JobEventKind::Snoozed => "snoozed",
        JobEventKind::Interrupted => "given back",
        _ => "others",
    }
}
