//! Jobs are stored, and run when the response is finished.

use std::time::Duration;

use axum::{Router, body::Body, extract::Request, http::StatusCode, routing::get};
use riverqueue::{InsertOpts, JobState, UniqueOpts, jiff::Timestamp};
use tokio::sync::oneshot;
use tower::ServiceExt as _;
use with_after::{AfterLayer, RunOn, Scope, after, platform::InProcess, run, task};
use with_after_jobs::{Jobs, job, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    list, quick,
    seen::{Seen, tell},
    until,
};

on_each_engine!(
    a_job_runs_with_its_arguments,
    a_job_waits_for_the_end_of_its_scope,
    a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over,
    a_handler_that_is_dropped_releases_its_job,
    a_job_enqueued_by_a_task_starts_at_once,
    a_job_enqueued_by_a_job_starts_at_once,
    a_job_with_a_time_of_its_own_is_not_held_and_not_released,
    many_jobs_of_one_request_are_released_at_once_and_take_no_place_of_a_task,
    one_key_is_stored_once_however_many_ask,
    what_the_client_inserts_is_held_too,
    a_job_that_was_cancelled_before_the_end_is_not_released,
    an_insert_that_outlasts_its_response_is_released_all_the_same,
    arguments_that_cannot_be_stored_are_refused,
);

fn open(engine: &Engine, seen: &Seen) -> Jobs {
    quick(engine).job::<tell>().job::<again>().state(seen.clone()).build().unwrap()
}

async fn a_job_runs_with_its_arguments(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    let id = jobs.enqueue(tell("hello \"wörld\"".into())).await.unwrap().id();
    assert_eq!(seen.next().await, "hello \"wörld\"");

    let done = until(jobs.client(), JobState::Completed, 1).await.remove(0);
    assert_eq!((done.id, done.kind.as_str(), done.attempt), (id, "tell", 1));
    workers.stop().await;
    assert_eq!(seen.all().len(), 1);
}

async fn a_job_waits_for_the_end_of_its_scope(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    run(async {
        jobs.enqueue(tell("job".into())).await.unwrap();
        // It is stored, and not due for a minute.
        let held = list(jobs.client(), JobState::Scheduled).await.remove(0);
        let waits = held.scheduled_at.duration_since(Timestamp::now()).as_secs();
        assert!(waits > 50, "{waits}");
        // Other jobs run meanwhile.
        let other = jobs.clone();
        tokio::spawn(async move { other.enqueue(tell("other".into())).await.unwrap() })
            .await
            .unwrap();
        assert_eq!(seen.next().await, "other");
        seen.tell("response");
    })
    .await;
    assert_eq!(seen.next().await, "response");
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_whose_process_never_finishes_the_response_runs_when_the_hold_is_over(
    engine: Engine,
) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).hold(Duration::from_secs(1));
    let jobs = jobs.build().unwrap();
    let workers = Running::start(&jobs);
    let (_never, end) = oneshot::channel::<()>();
    let handler = jobs.clone();
    let response = tokio::spawn(run(async move {
        handler.enqueue(tell("job".into())).await.unwrap();
        drop(end.await);
    }));
    assert_eq!(seen.next().await, "job");
    assert!(!response.is_finished());
    workers.stop().await;
}

async fn a_handler_that_is_dropped_releases_its_job(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    let (stored, is_stored) = oneshot::channel();
    let handler = jobs.clone();
    let handler = tokio::spawn(run(async move {
        handler.enqueue(tell("job".into())).await.unwrap();
        stored.send(()).unwrap();
        std::future::pending::<()>().await;
    }));
    is_stored.await.unwrap();
    handler.abort();
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn a_job_enqueued_by_a_task_starts_at_once(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    run(async {
        let (jobs, seen) = (jobs.clone(), seen.clone());
        after(async move {
            assert!(Scope::current().is_some());
            jobs.enqueue(tell("job".into())).await.unwrap();
            // The task goes on, and the job does not wait for it.
            assert_eq!(seen.next().await, "job");
            seen.tell("task");
        });
    })
    .await;
    assert_eq!(seen.all(), ["job", "task"]);
    workers.stop().await;
}

#[job]
async fn again(client: &riverqueue::Client, seen: &Seen) -> Result<(), riverqueue::Error> {
    client.insert(tell("child".into())).await?;
    // The child does not wait for this one.
    seen.gate.acquire().await.unwrap().forget();
    seen.tell("parent");
    Ok(())
}

async fn a_job_enqueued_by_a_job_starts_at_once(engine: Engine) {
    let seen = Seen::new();
    let jobs = open(&engine, &seen);
    let workers = Running::start(&jobs);
    jobs.enqueue(again()).await.unwrap();
    assert_eq!(seen.next().await, "child");
    seen.gate.add_permits(1);
    assert_eq!(seen.next().await, "parent");
    workers.stop().await;
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
        batch.push(tell("one".into())).push(again());
        jobs.client().insert_batch(batch).await.unwrap();
        assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), 2);
    })
    .await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 2);
}

async fn a_job_that_was_cancelled_before_the_end_is_not_released(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    run(async {
        let id = jobs.enqueue(tell("job".into())).await.unwrap().id();
        jobs.client().jobs().cancel(id).await.unwrap();
    })
    .await;
    assert_eq!(list(jobs.client(), JobState::Cancelled).await.len(), 1);
    assert!(list(jobs.client(), JobState::Available).await.is_empty());
}

async fn an_insert_that_outlasts_its_response_is_released_all_the_same(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    let tx = engine.begin().await;
    let (inserted, is_inserted) = oneshot::channel();
    let (finished, is_finished) = oneshot::channel::<()>();
    let mut late = None;
    run(async {
        let (scope, jobs) = (Scope::current().unwrap(), jobs.clone());
        let job = scope.run(async move {
            let mut tx = tx;
            tx.enqueue(&jobs, tell("job".into())).await;
            inserted.send(()).unwrap();
            drop(is_finished.await);
            tx.commit().await;
        });
        late = Some(tokio::spawn(job));
        is_inserted.await.unwrap();
        // The response ends now, and the transaction a moment later.
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(finished);
        });
    })
    .await;
    late.unwrap().await.unwrap();
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 1);
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
