//! Jobs whose every part panics harm nobody but themselves.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex},
};

use riverqueue::{InsertOpts, JobState};
use serde::{Deserialize, Deserializer, Serialize};
use with_after_jobs::{JobFailure, job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    quick,
    seen::{Seen, fail, tell},
    until,
};

on_each_engine!(whatever_a_job_does_its_neighbours_are_done, a_hook_that_panics_harms_nothing);

fn once() -> InsertOpts {
    InsertOpts::default().with_max_attempts(1)
}

/// Panics wherever it is looked at.
#[derive(Debug)]
struct Poison;

impl fmt::Display for Poison {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("shown")
    }
}

impl Error for Poison {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        panic!("asked for its source")
    }
}

impl Drop for Poison {
    fn drop(&mut self) {
        panic!("dropped")
    }
}

/// Panics when it is read.
#[derive(Serialize)]
struct Unreadable;

impl<'de> Deserialize<'de> for Unreadable {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("read\0")
    }
}

#[job]
async fn fails_badly() -> Result<(), Poison> {
    Err(Poison)
}

#[job]
async fn panics() {
    panic!("with a \0");
}

#[job]
async fn panics_with_poison() {
    std::panic::panic_any(Poison);
}

#[job]
async fn cannot_be_read(what: Unreadable) {
    let _ = what;
}

#[job(max_duration = "50ms")]
async fn never_ends() {
    let _poison = Poison;
    std::future::pending::<()>().await;
}

#[job]
async fn fails_endlessly() -> Result<(), String> {
    Err("x\0".repeat(1_000_000))
}

#[job]
async fn records_a_nul(context: &riverqueue::WorkContext) {
    context.metadata_set("fine", ["\\0 \"\n        \"x\": \\u0000"]).unwrap();
    context.metadata_set("nested", std::collections::BTreeMap::from([("a", ["b\0"])])).unwrap();
    context.record_output("a\0b").unwrap();
}

async fn whatever_a_job_does_its_neighbours_are_done(engine: Engine) {
    let seen = Seen::new();
    let builder = quick(&engine)
        .job::<fails_badly>()
        .job::<panics>()
        .job::<panics_with_poison>()
        .job::<cannot_be_read>()
        .job::<never_ends>()
        .job::<fails_endlessly>()
        .job::<records_a_nul>()
        .job::<tell>();
    let told = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let told = Arc::clone(&told);
        move |failure: &JobFailure| told.lock().unwrap().push(failure.to_string())
    };
    let jobs = builder.state(seen.clone()).on_failure(hook).build().unwrap();
    let mut batch = riverqueue::InsertBatch::new();
    batch.push_with(fails_badly(), once()).push_with(panics(), once());
    batch.push_with(panics_with_poison(), once()).push_with(cannot_be_read(Unreadable), once());
    batch.push_with(never_ends(), once()).push_with(fails_endlessly(), once());
    batch.push_with(records_a_nul(), once());
    for _ in 0..20 {
        batch.push(tell("neighbour".into()));
    }
    jobs.client().insert_batch(batch).await.unwrap();
    let workers = Running::start(&jobs);
    until(jobs.client(), JobState::Completed, 20).await;
    let dead = until(jobs.client(), JobState::Discarded, 7).await;
    workers.stop().await;

    let error = |kind: &str| &dead.iter().find(|job| job.kind == kind).unwrap().errors[0].error;
    assert_eq!(error("fails_badly"), "failed: its error panicked: shown");
    assert_eq!(error("panics"), "panicked: with a \\0");
    assert_eq!(error("panics_with_poison"), "panicked: no message");
    assert_eq!(error("cannot_be_read"), "panicked: read\\0");
    assert_eq!(error("never_ends"), "timed out after 50ms");
    assert_eq!(error("fails_endlessly").chars().count(), 10_003);
    assert!(error("records_a_nul").starts_with("failed: `nested` of its output or metadata holds"));
    let recorded = dead.iter().find(|job| job.kind == "records_a_nul").unwrap();
    let fine: Vec<String> = recorded.metadata.get("fine").unwrap().unwrap();
    assert_eq!(fine, ["\\0 \"\n        \"x\": \\u0000"]);
    assert_eq!(recorded.decode_output::<String>().unwrap().unwrap(), "had a NUL character");
    assert_eq!((told.lock().unwrap().len(), seen.all().len()), (7, 20));
}

async fn a_hook_that_panics_harms_nothing(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<fail>().state(seen.clone());
    let jobs = jobs.on_failure(|_| std::panic::panic_any(Poison)).build().unwrap();
    let workers = Running::start(&jobs);
    jobs.enqueue(fail(1)).await.unwrap();
    until(jobs.client(), JobState::Completed, 1).await;
    workers.stop().await;
}
