//! River's tables, and who may make them.

use std::{env, time::Duration};

use riverqueue::JobState;
use sqlx::{AssertSqlSafe, postgres::PgPoolOptions};
use with_after::run;
use with_after_jobs::{BuildError, Jobs, job, riverqueue};

use crate::support::{
    Running,
    child::Process,
    engines::{Engine, Pool, on_each_engine},
    hurried, list, quick,
    seen::{Seen, tell, wait},
    until,
};

on_each_engine!(
    processes_that_start_together_make_the_tables_once,
    jobs_of_high_priority_are_run_before_a_hundred_thousand_others,
    a_handle_that_is_wrong_is_not_built,
    a_handle_takes_times_of_any_length,
);

const VARIABLE: &str = "WITH_AFTER_TEST_TABLES";

#[tokio::test]
async fn process() {
    let Ok(address) = env::var(VARIABLE) else { return };
    let jobs = Pool::open(&address).await.builder().build().unwrap();
    jobs.migrate().await.unwrap();
    jobs.enqueue(tell("x".into())).await.unwrap();
    println!("ready");
}

async fn processes_that_start_together_make_the_tables_once(engine: Engine) {
    engine.pool.unmake().await;
    let address = engine.address();
    let processes: Vec<_> =
        (0..6).map(|_| Process::start("tables::process", VARIABLE, &address)).collect();
    for mut process in processes {
        process.wait_for("ready");
    }
    assert_eq!(engine.count("SELECT count(*) FROM river_job").await, 6);
    assert_eq!(engine.count("SELECT count(*) FROM river_migration WHERE version = 8").await, 1);
}

#[tokio::test]
async fn a_role_that_may_not_create_anything_stores_and_runs_jobs() {
    let Some(engine) = Engine::postgres().await else { return };
    let Pool::Postgres(owner) = &engine.pool else { return };
    let options = owner.connect_options();
    let role = format!("{}_role", options.get_database().unwrap());
    let grants = format!(
        "CREATE ROLE {role} LOGIN;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"
    );
    sqlx::raw_sql(AssertSqlSafe(grants)).execute(owner).await.unwrap();
    let options = (*options).clone().username(&role);
    let pool = PgPoolOptions::new().connect_with(options).await.unwrap();
    assert!(sqlx::query("CREATE TABLE forbidden ()").execute(&pool).await.is_err());

    let seen = Seen::new();
    let jobs = hurried(Jobs::builder(pool)).job::<tell>().state(seen.clone()).build().unwrap();
    jobs.migrate().await.unwrap();
    let workers = Running::start(&jobs);
    run(async { drop(jobs.enqueue(tell("job".into())).await.unwrap()) }).await;
    assert_eq!(seen.next().await, "job");
    workers.stop().await;
}

async fn jobs_of_high_priority_are_run_before_a_hundred_thousand_others(engine: Engine) {
    let pending = match engine.pool {
        Pool::Sqlite(_) => {
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 100000)
             INSERT INTO river_job (args, kind, max_attempts, priority)
             SELECT jsonb('{\"what\": \"low\"}'), 'tell', 25, 4 FROM numbers"
        }
        Pool::Postgres(_) => {
            "INSERT INTO river_job (args, kind, max_attempts, priority)
             SELECT '{\"what\": \"low\"}', 'tell', 25, 4 FROM generate_series(1, 100000)"
        }
    };
    engine.execute(pending).await;
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    run(jobs.enqueue_many((0..200).map(|n| tell(n.to_string()))).into_future()).await.unwrap();
    let workers = Running::start(&jobs);
    while list_high(&jobs).await < 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    workers.stop().await;
    // Those that were fetched with the last of them may have started first.
    let last = seen.all().iter().rposition(|told| told != "low").unwrap();
    assert!(last < 250, "{last}");
    assert!(
        engine.count("SELECT count(*) FROM river_job WHERE state = 'available'").await > 50_000
    );
}

async fn list_high(jobs: &Jobs) -> usize {
    list(jobs.client(), JobState::Completed).await.iter().filter(|job| job.priority == 1).count()
}

#[job(name = "tell")]
async fn namesake() {}

async fn a_handle_that_is_wrong_is_not_built(engine: Engine) {
    let build = |built: Result<Jobs, BuildError>| built.err().unwrap().to_string();
    let missing = build(quick(&engine).job::<tell>().build());
    assert!(
        missing.contains("the job `tell` (")
            && missing.contains("borrows a `&it::support::seen::Seen`"),
        "{missing}"
    );
    let clash = build(
        quick(&engine).job::<tell>().job::<tell>().job::<namesake>().state(Seen::new()).build(),
    );
    assert!(
        clash.contains("two jobs have one name, `tell` (") && clash.contains("tables.rs"),
        "{clash}"
    );
    let river = build(quick(&engine).client(|client| client.id("")).build());
    assert!(river.contains("client ID must contain"), "{river}");
    // One that runs jobs stores no others.
    let jobs = quick(&engine).job::<tell>().state(Seen::new()).build().unwrap();
    let error = jobs.enqueue(wait("x".into())).await.unwrap_err();
    assert!(matches!(error, riverqueue::Error::UnknownJobKind { .. }), "{error}");
    until(jobs.client(), JobState::Available, 0).await;
}

async fn a_handle_takes_times_of_any_length(engine: Engine) {
    for time in [Duration::ZERO, Duration::MAX] {
        let seen = Seen::new();
        let builder = quick(&engine).job::<tell>().state(seen.clone()).hold(time);
        let builder = builder.max_duration(Duration::MAX).rescue_after(time).drain_within(time);
        let jobs = builder.build().unwrap();
        let workers = Running::start(&jobs);
        run(async { drop(jobs.enqueue(tell("job".into())).await.unwrap()) }).await;
        assert_eq!(seen.next().await, "job");
        workers.stop().await;
    }
}
