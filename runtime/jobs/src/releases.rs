//! The held jobs of many requests are released in few transactions.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as AsyncMutex, oneshot},
    time::sleep,
};

use crate::release::{Database, Held};

/// How long to wait before each try: for a database that has failed, and for a transaction that
/// is committed in the same moment in which its response ends.
const PAUSES: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(500),
];
/// How long the first request waits for others, with which it shares a commit: less than one takes
/// on most disks.
const TOGETHER: Duration = Duration::from_millis(2);

#[derive(Debug)]
pub(crate) struct Releases {
    database: Database,
    waiting: Mutex<Vec<Request>>,
    /// Who has it releases what all have that wait.
    turn: AsyncMutex<()>,
}

#[derive(Debug)]
struct Request {
    held: Arc<[Held]>,
    tell: oneshot::Sender<Released>,
}

/// The ids of the jobs that were held.
type Released = Result<Arc<HashSet<i64>>, Arc<sqlx::Error>>;

impl Releases {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, waiting: Mutex::default(), turn: AsyncMutex::default() }
    }

    /// Makes these jobs available, unless they have been cancelled, or were never committed.
    pub(crate) async fn release(&self, held: Vec<Held>) -> Result<(), Arc<sqlx::Error>> {
        let mut held: Arc<[Held]> = held.into();
        let mut result = Ok(());
        for pause in PAUSES {
            if !pause.is_zero() {
                sleep(pause).await;
            }
            match self.release_with_others(&held).await {
                Ok(released) => {
                    let left = held.iter().filter(|job| !released.contains(&job.id));
                    held = left.cloned().collect();
                    result = Ok(());
                    // What is left was rolled back, or is committed a moment later.
                    if held.is_empty() || self.database.is_file() {
                        break;
                    }
                }
                Err(error) => result = Err(error),
            }
        }
        result
    }

    async fn release_with_others(&self, held: &Arc<[Held]>) -> Released {
        loop {
            let (tell, mut told) = oneshot::channel();
            self.lock().push(Request { held: Arc::clone(held), tell });
            let _turn = self.turn.lock().await;
            match told.try_recv() {
                Ok(released) => return released,
                // Whoever had taken it was dropped on its way.
                Err(oneshot::error::TryRecvError::Closed) => continue,
                Err(oneshot::error::TryRecvError::Empty) => sleep(TOGETHER).await,
            }
            let requests = mem::take(&mut *self.lock());
            let all: Vec<_> = requests.iter().flat_map(|request| request.held.iter()).collect();
            let released = self.database.release(&all).await;
            let released = released.map(Arc::new).map_err(Arc::new);
            for request in requests {
                // One that is gone does not ask any more.
                drop(request.tell.send(released.clone()));
            }
            return released;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Request>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
