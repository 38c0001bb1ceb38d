//! What is inserted at once, once only, or not at all.

use std::time::Duration;

use axum::{Router, body::Body, extract::Request, http::StatusCode, routing::get};
use riverqueue::{InsertOpts, JobState, UniqueOpts, jiff::Timestamp};
use tower::ServiceExt as _;
use with_after::{AfterLayer, RunOn, platform::InProcess, run, task};
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell, wait},
    until,
};

on_each_engine!(
    a_job_with_a_time_of_its_own_is_not_held_and_not_released,
    many_jobs_of_one_request_are_released_at_once_and_take_no_place_of_a_task,
    one_key_is_stored_once_however_many_ask,
    what_the_client_inserts_is_held_too,
    arguments_that_cannot_be_stored_are_refused,
);

fn open(engine: &Engine, seen: &Seen) -> Jobs {
    quick(engine).job::<tell>().job::<wait>().state(seen.clone()).build().unwrap()
}

async fn a_job_with_a_time_of_its_own_is_not_held_and_not_released(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    let later = Timestamp::now() + Duration::from_secs(30);
    run(async {
        let opts = || InsertOpts::default();
        let calls = [
            (tell("late".into()), opts().with_scheduled_at(later)),
            (tell("pending".into()), opts().with_pending(true)),
            (tell("held".into()), opts()),
        ];
        jobs.enqueue_many(calls).await.unwrap();
    })
    .await;
    let late = until(jobs.client(), JobState::Scheduled, 1).await.remove(0);
    assert_eq!(late.encoded_args.get(), r#"{"what":"late"}"#.replace(':', &late_colon(&engine)));
    assert!(late.scheduled_at.duration_since(later).as_millis().abs() < 2);
    assert_eq!(until(jobs.client(), JobState::Pending, 1).await.len(), 1);
    assert_eq!(until(jobs.client(), JobState::Available, 1).await.len(), 1);
}

/// PostgreSQL writes JSON with spaces.
fn late_colon(engine: &Engine) -> String {
    let spaces = matches!(engine.pool, crate::support::engines::Pool::Postgres(_));
    if spaces { ": ".into() } else { ":".into() }
}

async fn many_jobs_of_one_request_are_released_at_once_and_take_no_place_of_a_task(engine: Engine) {
    const COUNT: usize = 2_000;
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let platform = InProcess::builder().max_tasks(1).max_tasks_per_request(1).build();
    let handler = {
        let (jobs, seen) = (jobs.clone(), seen.clone());
        move |_: Request| {
            let (jobs, seen) = (jobs.clone(), seen.clone());
            async move {
                let calls: Vec<_> = (0..COUNT / 2).map(|n| tell(n.to_string())).collect();
                jobs.enqueue_many(calls).await.unwrap();
                let mut tx = seen_begin(&jobs).await;
                for n in COUNT / 2..COUNT {
                    tx.enqueue(&jobs, tell(n.to_string())).await;
                }
                tx.commit().await;
                // The one task that there may be is still free, and it is one for failures only.
                task("failure").run_on(RunOn::Failure).schedule(move || seen.tell("failure"));
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    };
    let app = Router::new().route("/", get(handler));
    let app = app.layer(AfterLayer::with_platform(platform.clone()));
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), COUNT);
    drop(response);
    let report = platform.drain(Duration::from_secs(30)).await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), COUNT, "{report}");
    assert_eq!(seen.all(), ["failure"]);
}

async fn seen_begin(jobs: &Jobs) -> crate::support::engines::Tx {
    use riverqueue::database::ClientDatabase;

    use crate::support::engines::Pool;
    let pool = match jobs.client().database() {
        ClientDatabase::Postgres(database) => Pool::Postgres(database.pool().clone()),
        ClientDatabase::Sqlite(database) => Pool::Sqlite(database.pool().clone()),
        _ => unreachable!("there are two"),
    };
    pool.begin().await
}

async fn one_key_is_stored_once_however_many_ask(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let once = || {
        let unique = UniqueOpts::default().with_by_args(true);
        InsertOpts::default().with_unique(unique)
    };
    // Half of them from requests, whose hold makes no other key.
    let enqueues = (0..100).map(|number| {
        let jobs = jobs.clone();
        let enqueue = async move {
            let result = jobs.enqueue(tell("order 7".into())).opts(once()).await.unwrap();
            (result.id(), result.unique_skipped_as_duplicate)
        };
        tokio::spawn(
            async move { if number % 2 == 0 { enqueue.await } else { run(enqueue).await } },
        )
    });
    let mut stored = Vec::new();
    for enqueue in enqueues.collect::<Vec<_>>() {
        stored.push(enqueue.await.unwrap());
    }
    let ids: std::collections::BTreeSet<_> = stored.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(stored.iter().filter(|(_, skipped)| !skipped).count(), 1);

    let workers = Running::start(&jobs);
    until(jobs.client(), JobState::Completed, 1).await;
    // A job that is done keeps its key while it is kept.
    let later = jobs.enqueue(tell("order 7".into())).opts(once()).await.unwrap();
    assert!(later.unique_skipped_as_duplicate);
    let other = jobs.enqueue(tell("order 8".into())).opts(once()).await.unwrap();
    assert!(!other.unique_skipped_as_duplicate);
    until(jobs.client(), JobState::Completed, 2).await;
    workers.stop().await;
    assert_eq!(seen.all(), ["order 7", "order 8"]);
}

async fn what_the_client_inserts_is_held_too(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    run(async {
        let mut batch = riverqueue::InsertBatch::new();
        batch.push(tell("one".into())).push(wait("two".into()));
        jobs.client().insert_batch(batch).await.unwrap();
        assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), 2);
    })
    .await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 2);
}

#[job]
async fn charge(amount: f64, note: String) {
    unreachable!("{amount} {note}");
}

async fn arguments_that_cannot_be_stored_are_refused(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    for (call, reason) in [
        (charge(f64::NAN, String::new()), "its argument `amount`: "),
        (charge(1.0, "\0".into()), "its argument `note`: holds a NUL"),
    ] {
        let mut tx = engine.begin().await;
        let error = match &mut tx {
            crate::support::engines::Tx::Sqlite(tx) => jobs.enqueue(call).tx(tx).await,
            crate::support::engines::Tx::Postgres(tx) => jobs.enqueue(call).tx(tx).await,
        }
        .unwrap_err()
        .to_string();
        assert!(error.contains(&format!("the job `charge` ({}:", file!())), "{error}");
        assert!(error.contains(reason), "{error}");
        // The database has not seen it: the transaction goes on.
        tx.enqueue(&jobs, charge(1.0, "u0000 \\u0000".into())).await;
        tx.commit().await;
    }
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 2);
}
