#![deny(missing_docs, unused, clippy::pedantic)]
//! Every form of a job.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use with_after::after;
use with_after_jobs::{Job, JobError, Jobs, Store, WorkersBuilder, job};

/// An argument.
#[derive(Serialize, Deserialize)]
pub struct Address {
    street: Option<String>,
}

/// Lent by the workers.
#[derive(Debug)]
pub struct Mailer;

/// Sends a receipt.
#[job]
pub async fn send_receipt(order: i64, to: Address, mailer: &Mailer) -> Result<(), std::io::Error> {
    println!("{mailer:?}: {order} to {:?}", to.street);
    Ok(())
}

#[job(name = "sweep the shop", max_attempts = 3, max_duration = "5m")]
async fn sweep() {
    after(|| println!("swept"));
}

#[job]
async fn names_cannot_clash(state: i64, arguments: String, output: u8, missing: &Mailer, r#type: u8) {
    println!("{state} {arguments} {output} {missing:?} {type}", type = r#type);
}

#[job]
async fn mutable(mut count: u32, shared: &Arc<Mailer>) -> Result<u32, String> {
    count += 1;
    println!("{shared:?}");
    Ok(count)
}

#[cfg(any())]
#[job]
async fn not_compiled(missing: Nowhere) {}

mod inner {
    #[with_after_jobs::job(crate = ::with_after_jobs)]
    pub(super) async fn helper(outcome: String) {
        // It may enqueue itself.
        let again: with_after_jobs::Job = helper(outcome);
        drop(again);
    }
}

/// Stores each.
pub async fn handler<S: Store>(jobs: &Jobs<S>) -> Result<(), JobError> {
    let to = Address { street: None };
    let job: Job = send_receipt(7, to);
    jobs.enqueue(job.key("7")).await?;
    jobs.enqueue(sweep()).await?;
    jobs.enqueue(names_cannot_clash(1, String::new(), 2, 3)).await?;
    jobs.enqueue(mutable(1)).await?;
    jobs.enqueue(inner::helper(String::new())).await?;
    Ok(())
}

/// Runs each.
pub fn workers<S: Store>(workers: WorkersBuilder<S>) -> WorkersBuilder<S> {
    let workers = workers.job::<send_receipt>().job::<sweep>().job::<names_cannot_clash>();
    workers.job::<mutable>().job::<inner::helper>().state(Mailer).state(Arc::new(Mailer))
}

fn main() {
    let here = send_receipt::call(7, Address { street: None }, &Mailer);
    drop(here);
}
