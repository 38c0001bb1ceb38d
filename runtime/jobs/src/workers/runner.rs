//! The loop of the workers: fetch as many jobs as there is room for, and run them.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use tokio::{
    select,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{
    Options, Shared, Workers,
    attempt::{Attempt, Cut},
    heart,
};
use crate::{
    jobs::Jobs,
    store::{Store, Worker},
};

pub(super) struct Runner<S> {
    jobs: Jobs<S>,
    shared: Arc<Shared>,
    options: Options,
    worker: Arc<Worker>,
    cut: Arc<Cut>,
    running: JoinSet<()>,
}

/// Ends a task when it is dropped.
struct Heart(AbortHandle);

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<S: Store> Runner<S> {
    pub(super) fn new(workers: Workers<S>) -> Self {
        let Workers { jobs, shared, options } = workers;
        let (worker, cut) = (Arc::new(Worker::new()), Arc::default());
        Self { jobs, shared, options, worker, cut, running: JoinSet::new() }
    }

    pub(super) async fn run(mut self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        let registered = select! {
            () = &mut stop => false,
            () = self.register() => true,
        };
        if !registered {
            return;
        }
        let (store, worker) = (self.jobs.store.clone(), Arc::clone(&self.worker));
        let heart = heart::beat(store, worker, Arc::clone(&self.shared), self.options);
        let _heart = Heart(tokio::spawn(heart).abort_handle());
        self.work(stop).await;
        self.drain().await;
    }

    /// A job names its worker, so that has to be known first.
    async fn register(&self) {
        while let Err(error) = self.jobs.store.beat(&self.worker).await {
            tracing::error!(target: "with_after", %error, "the workers wait for their database");
            sleep(Duration::from_secs(1)).await;
        }
    }

    async fn work(&mut self, mut stop: impl Future<Output = ()> + Send + Unpin) {
        let wake = Arc::clone(&self.jobs.wake);
        loop {
            while self.running.try_join_next().is_some() {}
            let room = self.options.concurrency - self.running.len();
            // Never dropped half-way: what was fetched would be lost until the next recovery.
            let more = room > 0 && self.fetch(room).await;
            if more {
                // Look at `stop` all the same.
                select! {
                    biased;
                    () = &mut stop => return,
                    () = std::future::ready(()) => continue,
                }
            }
            select! {
                () = &mut stop => return,
                Some(_) = self.running.join_next(), if room == 0 => (),
                () = wake.notified(), if room > 0 => (),
                () = sleep(self.options.poll), if room > 0 => (),
            }
        }
    }

    /// Starts what is due, and returns whether there may be more.
    async fn fetch(&mut self, room: usize) -> bool {
        match self.jobs.store.fetch(&self.worker, room).await {
            Ok(fetched) => {
                let more = fetched.len() == room;
                for fetched in fetched {
                    let attempt = Attempt {
                        store: self.jobs.store.clone(),
                        worker: Arc::clone(&self.worker),
                        shared: Arc::clone(&self.shared),
                        cut: Arc::clone(&self.cut),
                        fetched,
                    };
                    self.running.spawn(attempt.run());
                }
                more
            }
            Err(error) => {
                tracing::error!(target: "with_after", %error, "tried again at the next poll");
                false
            }
        }
    }

    /// Waits for what runs; what takes too long is dropped, and given back.
    async fn drain(&mut self) {
        let ended = async { while self.running.join_next().await.is_some() {} };
        if timeout(self.options.drain_within, ended).await.is_err() {
            self.running.shutdown().await;
        }
        let store = &self.jobs.store;
        for (id, attempt, end) in self.cut.take() {
            if let Err(error) = store.end(&self.worker, &id, attempt, &end).await {
                tracing::error!(target: "with_after", id, %error, "left to be recovered");
            }
        }
        if let Err(error) = store.leave(&self.worker).await {
            tracing::warn!(target: "with_after", %error, "the worker is forgotten later");
        }
    }
}
