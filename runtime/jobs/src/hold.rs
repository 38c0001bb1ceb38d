//! Jobs of a request are held until its response is finished.

use std::{
    mem,
    panic::Location,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use riverqueue::{
    BoxError, Error, InsertContext, InsertMiddleware, InsertNext, InsertedJob, JobState,
    jiff::Timestamp,
};
use tokio::{sync::watch, time::timeout};
use with_after::__private::at_end;

use crate::{
    call::called_at,
    release::{Database, Held},
    releases::Releases,
    trace::Origin,
};

/// How long to wait for an insert that goes on beyond its response.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stands around every insert of a client: stores from where jobs come, and holds those of a
/// request.
#[derive(Clone, Debug)]
pub(crate) struct Hold(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    time: Duration,
    /// Known once the client is built.
    releases: OnceLock<Releases>,
}

/// The held jobs of one request.
#[derive(Debug)]
struct Requested {
    held: Mutex<Vec<(Hold, Vec<Held>)>>,
    /// How many inserts have begun and not ended.
    inserting: watch::Sender<usize>,
}

/// An insert that has begun.
struct Inserting<'a>(&'a Requested);

impl Hold {
    pub(crate) fn new(time: Duration) -> Self {
        Self(Arc::new(Shared { time, releases: OnceLock::new() }))
    }

    pub(crate) fn set_database(&self, database: Database) {
        // There is one client, which is built once.
        drop(self.0.releases.set(Releases::new(database)));
    }

    /// When jobs that are inserted now run although they were never released.
    fn until(&self) -> Timestamp {
        Timestamp::now().checked_add(self.0.time).unwrap_or(Timestamp::MAX)
    }
}

impl InsertMiddleware for Hold {
    async fn insert_many(
        &self,
        mut jobs: Vec<InsertContext>,
        next: InsertNext<'_>,
    ) -> Result<Vec<InsertedJob>, Error> {
        let origin = Origin::current();
        for job in &mut jobs {
            origin.write(&mut job.opts.metadata)?;
        }
        let waits = |job: &InsertContext| job.state == JobState::Available;
        let requested = jobs.iter().find(|job| waits(job)).and_then(|job| {
            let caller = called_at(&job.kind).unwrap_or(Location::caller());
            at_end("release of jobs", caller, release)
        });
        let Some(requested) = requested else { return next.run(jobs).await };

        let _inserting = Inserting::begin(&requested);
        let until = self.until();
        let held: Vec<_> = jobs.iter().map(waits).collect();
        for job in jobs.iter_mut().filter(|job| waits(job)) {
            // River has made the unique key already, which is thus that of a job without a hold.
            job.state = JobState::Scheduled;
            job.opts.scheduled_at = Some(until);
        }
        let inserted = next.run(jobs).await?;
        // Before the commit: what is committed is known, also if this future is dropped now.
        let is_held =
            |(job, held): &(&InsertedJob, bool)| *held && !job.unique_skipped_as_duplicate;
        let held = inserted.iter().zip(held).filter(is_held).map(|(job, _)| Held::of(&job.job));
        requested.add(self, held.collect());
        Ok(inserted)
    }
}

/// Makes all held jobs of a request available.
async fn release(requested: Arc<Requested>) -> Result<(), BoxError> {
    requested.wait_for_inserts().await;
    let mut failed = None;
    let all = mem::take(&mut *requested.lock());
    for (hold, held) in all {
        let Some(releases) = hold.0.releases.get() else { continue };
        if let Err(error) = releases.release(held).await {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), |error| {
        Err(format!("held jobs start only when their hold is over: {error}").into())
    })
}

impl Requested {
    fn add(&self, hold: &Hold, jobs: Vec<Held>) {
        let mut all = self.lock();
        match all.iter_mut().find(|(other, _)| Arc::ptr_eq(&other.0, &hold.0)) {
            Some((_, earlier)) => earlier.extend(jobs),
            None => all.push((hold.clone(), jobs)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Hold, Vec<Held>)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no insert of the request is under way. There is one only if its code goes on
    /// beyond the response.
    async fn wait_for_inserts(&self) {
        let mut inserting = self.inserting.subscribe();
        let ended = inserting.wait_for(|inserting| *inserting == 0);
        drop(timeout(PATIENCE, ended).await);
    }
}

impl Default for Requested {
    fn default() -> Self {
        Self { held: Mutex::default(), inserting: watch::Sender::new(0) }
    }
}

impl<'a> Inserting<'a> {
    fn begin(requested: &'a Requested) -> Self {
        requested.inserting.send_modify(|inserting| *inserting += 1);
        Self(requested)
    }
}

impl Drop for Inserting<'_> {
    fn drop(&mut self) {
        self.0.inserting.send_modify(|inserting| *inserting -= 1);
    }
}
