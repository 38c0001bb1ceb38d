//! A shop whose receipts survive a crash.
//!
//! ```console
//! $ cargo run --example orders                        # the shop, its workers, a page of its jobs
//! $ curl --json '["tea", "cup"]' http://127.0.0.1:3000/orders
//! $ curl --json '["poison"]' http://127.0.0.1:3000/orders
//! $ cargo run --example orders list                   # what is stored and not done
//! $ cargo run --example orders retry <id>             # one more attempt, at once
//! $ cargo run --example orders cancel <id>
//! $ cargo run --example orders worker                 # more workers, in a process of their own
//! $ cargo run --example orders migrate                # only makes the tables
//! ```
//!
//! Kill the shop with `kill -9` while a receipt is sent, and start it again: within two minutes the
//! receipt is sent once more. The orders are in an SQLite file in the temporary folder, or in the
//! PostgreSQL database that `DATABASE_URL` names. There the role need not be allowed to create
//! anything, once `migrate` was run by one that is.
//!
//! The page is at <http://127.0.0.1:3000/>, or at the port that `PORT` names. [River UI] reads the
//! same tables.
//!
//! [River UI]: https://riverqueue.com/docs/river-ui

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it talks to whoever started it")]

mod database;
mod page;

use std::{env, error::Error, io, time::Duration};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use riverqueue::{CronSchedule, JobListParams, JobState, PeriodicJob, PeriodicJobOpts};
use tokio::{net::TcpListener, time::sleep};
use with_after::{AfterLayer, after, serve, with_after};
use with_after_jobs::{Jobs, job, riverqueue};

use crate::database::Database;

type Failure = Box<dyn Error + Send + Sync>;

/// What is lent to the jobs.
#[derive(Debug)]
struct Mailer;

impl Mailer {
    async fn send(&self, order: i64, items: &[String]) -> io::Result<()> {
        sleep(Duration::from_secs(1)).await;
        if items.iter().any(|item| item == "poison") {
            return Err(io::Error::other("the mail server refuses it"));
        }
        println!("order {order}: receipt sent for {}", items.join(", "));
        Ok(())
    }
}

#[job(max_attempts = 3, max_duration = "30s")]
async fn send_receipt(order: i64, items: Vec<String>, mailer: &Mailer) -> io::Result<()> {
    println!("order {order}: sending the receipt");
    mailer.send(order, &items).await
}

/// Every minute, by whichever process leads.
#[job]
async fn count_orders(database: &Database) -> Result<(), sqlx::Error> {
    let count = "SELECT count(*) FROM orders";
    let orders: i64 = match database {
        Database::Sqlite(pool) => sqlx::query_scalar(count).fetch_one(pool).await?,
        Database::Postgres(pool) => sqlx::query_scalar(count).fetch_one(pool).await?,
    };
    println!("{orders} orders so far");
    Ok(())
}

#[with_after(route)]
async fn order(
    State((database, jobs)): State<(Database, Jobs)>,
    Json(items): Json<Vec<String>>,
) -> Result<String, StatusCode> {
    // The order and its receipt are stored together, before the client gets an answer; the receipt
    // is sent after it.
    let number = database.place(&jobs, &items, |order| send_receipt(order, items.clone())).await;
    let number = number.map_err(|error| {
        eprintln!("the order is not stored: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    // Nobody misses it if the process dies.
    after(move || println!("order {number}: answered"));
    Ok(format!("order {number}\n"))
}

fn jobs(database: &Database) -> Result<Jobs, Failure> {
    let minutely = PeriodicJob::with_options(
        CronSchedule::parse("* * * * *")?,
        count_orders,
        PeriodicJobOpts::new().with_id("count_orders"),
    );
    let jobs = database
        .jobs()
        .job::<send_receipt>()
        .job::<count_orders>()
        .state(Mailer)
        .state(database.clone())
        .on_failure(|failure| eprintln!("{failure}"))
        .client(|client| client.periodic_job(minutely));
    Ok(jobs.build()?)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).init();
    let database = Database::open().await?;
    let jobs = jobs(&database)?;
    jobs.migrate().await?;
    database.migrate().await?;
    let client = jobs.client().jobs();
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let app = Router::new().route("/orders", post(order));
            let app = app.with_state((database, jobs.clone())).merge(page::router(jobs.clone()));
            let app = app.layer(AfterLayer::new());
            let port = env::var("PORT").ok().map_or(Ok(3000), |port| port.parse())?;
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            println!("listening on http://{}, Ctrl-C to stop", listener.local_addr()?);
            let serve = serve(listener, app).alongside(move |stop| jobs.run_until(stop));
            println!("{}", serve.await?);
        }
        ["worker"] => jobs.run().await?,
        ["list"] => {
            let open = JobState::ALL.iter().copied().filter(|state| *state != JobState::Completed);
            for job in client.list(JobListParams::default().states(open)).await?.jobs {
                let error = job.errors.last().map_or("", |error| &error.error);
                let (id, kind, state, attempt) = (job.id, &job.kind, job.state, job.attempt);
                println!(
                    "{id} {kind} {} {}, attempt {attempt} {error}",
                    job.encoded_args,
                    state.as_str()
                );
            }
        }
        ["retry", id] => println!("it is {}", client.retry(id.parse()?).await?.state.as_str()),
        ["cancel", id] => println!("it is {}", client.cancel(id.parse()?).await?.state.as_str()),
        ["migrate"] => {}
        _ => eprintln!("usage: orders [worker | list | retry <id> | cancel <id> | migrate]"),
    }
    Ok(())
}
