#![deny(missing_docs, unused, clippy::pedantic)]
#![allow(clippy::missing_errors_doc, clippy::uninlined_format_args)]
//! Every form of a job.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use with_after::after;
use with_after_jobs::{
    Call, Jobs, JobsBuilder, job,
    riverqueue::{Client, Error, InsertOpts, JobRow, WorkContext, WorkOutcome},
};

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

fn nightly() -> InsertOpts {
    InsertOpts::default().with_queue("night")
}

#[job(name = "sweep-the-shop", max_attempts = 3, max_duration = "5m", insert_opts = nightly)]
async fn sweep() {
    after(|| println!("swept"));
}

#[job]
async fn names_cannot_clash(
    lent: i64,
    arguments: String,
    output: u8,
    _unused: u8,
    needs: &Mailer,
    r#type: u8,
) {
    println!("{lent} {arguments} {output} {needs:?} {type}", type = r#type);
}

#[job]
async fn mutable(mut count: u32, shared: &Arc<Mailer>) -> Result<WorkOutcome, String> {
    count += 1;
    println!("{shared:?} {count}");
    Ok(WorkOutcome::Discard)
}

#[job]
async fn of_the_run(context: &WorkContext, row: &JobRow, client: &Client) -> WorkOutcome {
    println!("{context:?} {} {client:?}", row.id);
    WorkOutcome::Complete
}

#[cfg(any())]
#[job]
async fn not_compiled(missing: Nowhere) {}

mod inner {
    #[with_after_jobs::job(crate = ::with_after_jobs)]
    pub(super) async fn helper(outcome: String) {
        // It may enqueue itself.
        let again: with_after_jobs::Call<helper> = helper(outcome);
        drop(again);
    }
}

/// Stores each.
pub async fn handler(jobs: &Jobs) -> Result<(), Error> {
    let to = Address { street: None };
    let call: Call<send_receipt> = send_receipt(7, to);
    jobs.enqueue(call).opts(InsertOpts::default().with_priority(2)).await?;
    jobs.enqueue(sweep()).await?;
    jobs.enqueue(names_cannot_clash(1, String::new(), 2, 3, 4)).await?;
    jobs.enqueue_many([mutable(1), mutable(2)]).await?;
    jobs.enqueue(of_the_run()).await?;
    jobs.client().insert(inner::helper(String::new())).await?;
    Ok(())
}

/// Runs each.
pub fn workers(jobs: JobsBuilder) -> JobsBuilder {
    let jobs = jobs.job::<send_receipt>().job::<sweep>().job::<names_cannot_clash>();
    let jobs = jobs.job::<mutable>().job::<inner::helper>().job::<of_the_run>();
    jobs.state(Mailer).state(Arc::new(Mailer))
}

/// Calls one.
pub fn check() {
    let here = send_receipt::call(7, Address { street: None }, &Mailer);
    drop(here);
}
