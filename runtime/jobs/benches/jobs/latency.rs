//! From the end of a response to the start of its job.

use std::{
    env,
    process::{Child, Command},
    time::{Duration, Instant},
};

use tokio::{net::UdpSocket, sync::oneshot, time::sleep};
use with_after_jobs::{Jobs, job, sqlite_pool};

use crate::{
    database::Database,
    rounds::{percentile, rounds},
};

/// What a process with the workers is told: its database.
pub(crate) const VARIABLE: &str = "WITH_AFTER_BENCH_WORKER";

pub(crate) fn head() {
    println!(
        "\nMilliseconds from the end of the response to the start of the job, where the workers are\nidle: {} requests.\n",
        requests()
    );
    println!("| engine | workers | p50 | p90 | p99 |");
    println!("|---|---|---|---|---|");
}

fn requests() -> usize {
    rounds() * 30
}

/// Tells that it has started.
#[job]
async fn start(to: String) -> std::io::Result<()> {
    UdpSocket::bind("127.0.0.1:0").await?.send_to(b"started", to).await.map(drop)
}

pub(crate) async fn worker(address: &str) {
    let builder = if address.starts_with("postgres:") {
        Jobs::builder(sqlx::PgPool::connect(address).await.unwrap())
    } else {
        Jobs::builder(sqlite_pool(address).await.unwrap())
    };
    builder.job::<start>().build().unwrap().run().await.unwrap();
}

pub(crate) async fn measure(database: &Database) {
    let jobs = database.builder().job::<start>().build().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(jobs.run_until(async { drop(stopped.await) }));
    report(database, "in the same process", &jobs).await;
    drop(stop);
    run.await.unwrap();

    let child = Command::new(env::current_exe().unwrap()).env(VARIABLE, database.address()).spawn();
    let _child = Killed(child.unwrap());
    report(database, "in another process", &jobs).await;
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

async fn report(database: &Database, place: &str, jobs: &Jobs) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut times = Vec::new();
    let mut buffer = [0; 16];
    for request in 0..requests() + 5 {
        let (jobs, address) = (jobs.clone(), address.clone());
        let ended = with_after::run(async move {
            jobs.enqueue(start(address)).await.unwrap();
            Instant::now()
        });
        let ended = tokio::spawn(ended);
        socket.recv(&mut buffer).await.unwrap();
        let started = Instant::now();
        let ended = ended.await.unwrap();
        // The first ones find a process that only just begins.
        if request >= 5 {
            times.push(started.duration_since(ended).as_secs_f64() * 1e3);
        }
        sleep(Duration::from_millis(fastrand::u64(20..70))).await;
    }
    let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|part| percentile(&times, part));
    println!("| {} | {place} | {p50:.1} | {p90:.1} | {p99:.1} |", database.name());
}
