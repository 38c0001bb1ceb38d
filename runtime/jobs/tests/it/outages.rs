//! An outage of the database makes no living job run twice.

use std::time::Duration;

use riverqueue::JobState;
use sqlx::{Connection as _, SqliteConnection};
use tokio::time::sleep;
use with_after_jobs::{Jobs, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, Pool},
    hurried, leading,
    proxy::Proxy,
    seen::{Seen, tell, wait},
    until,
};

const MAX_DURATION: Duration = Duration::from_secs(2);
const GRACE: Duration = Duration::from_secs(9);
/// Longer than after which a job is taken for lost.
const OUTAGE: Duration = Duration::from_secs(12);
/// How much later than a new one, which leads at once, the others find their way back.
const LATER: Duration = Duration::from_millis(2500);

fn open(pool: &Pool, seen: &Seen) -> Jobs {
    let builder = hurried(pool.builder()).job::<wait>().job::<tell>().state(seen.clone());
    builder.max_duration(MAX_DURATION).rescue_after(GRACE).build().unwrap()
}

/// Lets jobs end during an outage, of which two "processes" share the database.
async fn outage(pools: [Pool; 2], cut: impl AsyncFnOnce(), mend: impl AsyncFnOnce()) {
    let seen = Seen::new();
    let jobs = pools.map(|pool| open(&pool, &seen));
    let workers = [Running::start(&jobs[0]), Running::start(&jobs[1])];
    jobs[0].enqueue_many((0..20).map(|n| wait(n.to_string()))).await.unwrap();
    for _ in 0..20 {
        assert!(seen.next().await.ends_with("begins"));
    }
    cut().await;
    seen.gate.add_permits(20);
    for _ in 0..20 {
        assert!(seen.next().await.ends_with("ends"));
    }
    sleep(OUTAGE).await;
    mend().await;
    let done = until(jobs[0].client(), JobState::Completed, 20).await;
    // They work as before.
    jobs[1].enqueue(tell("later".into())).await.unwrap();
    assert_eq!(seen.next().await, "later");
    for workers in workers {
        workers.stop().await;
    }
    assert_eq!(seen.all().len(), 41, "no job ran twice");
    assert!(done.iter().all(|job| job.attempt == 1));
}

#[tokio::test]
async fn no_live_job_runs_twice_by_an_outage_of_postgres() {
    let Some(engine) = Engine::postgres().await else { return };
    let Pool::Postgres(direct) = &engine.pool else { return };
    let options = direct.connect_options();
    let server = format!("{}:{}", options.get_host(), options.get_port());
    let way = Proxy::to(server.clone()).await;
    let address = engine.address().replace(&server, &way.address.to_string());
    let pools = [Pool::open(&address).await, Pool::open(&address).await];
    let new = leading(open(&engine.pool, &Seen::new())).await;
    let mut running = None;
    let mend = async || {
        running = Some(Running::start(&new));
        sleep(LATER).await;
        way.mend();
    };
    outage(pools, async || way.cut(), mend).await;
}

#[tokio::test]
async fn no_live_job_runs_twice_by_an_outage_of_sqlite() {
    let engine = Engine::sqlite().await;
    let mut lock = SqliteConnection::connect(&engine.address()).await.unwrap();
    let pools = [Pool::open(&engine.address()).await, Pool::open(&engine.address()).await];
    let lock = tokio::sync::Mutex::new(&mut lock);
    let execute = async |sql: &'static str| {
        let mut lock = lock.lock().await;
        sqlx::raw_sql("PRAGMA busy_timeout = 10000").execute(&mut **lock).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut **lock).await.unwrap();
    };
    outage(pools, async || execute("BEGIN IMMEDIATE").await, async || execute("COMMIT").await)
        .await;
}
