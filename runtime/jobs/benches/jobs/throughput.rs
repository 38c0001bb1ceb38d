//! Jobs that do nothing, from the first fetch to the last end.

use std::time::{Duration, Instant};

use riverqueue::{BoxError, Job, WorkContext, WorkOutcome, Workers};
use tokio::{sync::oneshot, time::sleep};
use with_after_jobs::riverqueue;

use crate::{
    database::{Database, Nothing, nothing},
    rounds::{Ratios, median, rounds},
};

const JOBS: u32 = 3_000;
const LEFT: &str = "SELECT count(*) FROM river_job WHERE priority = 1 AND state <> 'completed'";

pub(crate) fn head() {
    println!(
        "\nJobs a second that do nothing, by 16 slots: {JOBS} jobs, the median of {} rounds, and\nthe ratio to bare `riverqueue` with the same settings; then beside 100,000 pending jobs of lower\npriority, and how many times as long that takes.\n",
        rounds()
    );
    println!(
        "| engine | bare | ours | ratio | beside 100,000, bare | ours | times as long, bare | ours |"
    );
    println!("|---|---|---|---|---|---|---|---|");
}

pub(crate) async fn measure(database: &Database) {
    let mut rates = [const { Vec::new() }; 4];
    for _ in 0..rounds() {
        for (index, rate) in rates.iter_mut().enumerate() {
            let database = database.fresh().await;
            if index >= 2 {
                fill(&database).await;
            }
            rate.push(if index % 2 == 0 { bare(&database).await } else { ours(&database).await });
        }
    }
    let [bare, ours, bare_beside, ours_beside] = &rates;
    println!(
        "| {} | {:.0} | {:.0} | {} | {:.0} | {:.0} | {} | {} |",
        database.name(),
        median(bare),
        median(ours),
        Ratios::of(ours, bare),
        median(bare_beside),
        median(ours_beside),
        Ratios::of(bare, bare_beside),
        Ratios::of(ours, ours_beside),
    );
}

async fn work(_: WorkContext, job: Job<Nothing>) -> Result<WorkOutcome, BoxError> {
    drop(std::future::ready(job.args.order));
    Ok(WorkOutcome::Complete)
}

async fn bare(database: &Database) -> f64 {
    let mut workers = Workers::new();
    workers.add_fn(work).unwrap();
    let (client, queue) = database.bare();
    let client = client.workers(workers).queue("default", queue).build().unwrap();
    client.insert_many((0..JOBS).map(|n| Nothing { order: n.into() })).await.unwrap();
    let begin = Instant::now();
    let mut run = client.start().unwrap();
    until_done(database).await;
    let rate = f64::from(JOBS) / begin.elapsed().as_secs_f64();
    run.stop().await.unwrap();
    rate
}

async fn ours(database: &Database) -> f64 {
    let jobs = database.builder().job::<nothing>().build().unwrap();
    jobs.enqueue_many((0..JOBS).map(|n| nothing(n.into()))).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let begin = Instant::now();
    let run = tokio::spawn(jobs.run_until(async { drop(stopped.await) }));
    until_done(database).await;
    let rate = f64::from(JOBS) / begin.elapsed().as_secs_f64();
    drop(stop);
    run.await.unwrap();
    rate
}

async fn until_done(database: &Database) {
    while database.count(LEFT).await > 0 {
        sleep(Duration::from_millis(10)).await;
    }
}

async fn fill(database: &Database) {
    let sql = match database {
        Database::Sqlite(..) => {
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 100000)
             INSERT INTO river_job (args, kind, max_attempts, priority)
             SELECT jsonb('{\"order\": 7}'), 'nothing', 25, 4 FROM numbers"
        }
        Database::Postgres(_) => {
            "INSERT INTO river_job (args, kind, max_attempts, priority)
             SELECT '{\"order\": 7}', 'nothing', 25, 4 FROM generate_series(1, 100000);
             ANALYZE river_job"
        }
    };
    database.execute(sql).await;
}
