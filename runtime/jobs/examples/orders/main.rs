//! A shop whose receipts survive a crash.
//!
//! ```console
//! $ cargo run --example orders                        # the shop, its workers, the board
//! $ curl --json '["tea", "cup"]' http://127.0.0.1:3000/orders
//! $ curl --json '["poison"]' http://127.0.0.1:3000/orders
//! $ cargo run --example orders list                   # what is pending, failed or dead
//! $ cargo run --example orders retry <id>             # all attempts again for a dead job
//! $ cargo run --example orders worker                 # more workers, in a process of their own
//! ```
//!
//! Kill the shop with `kill -9` while a receipt is sent, and start it again. The orders are in an
//! SQLite file in the temporary folder, or in the PostgreSQL database that `DATABASE_URL` names.
//! The board is at <http://127.0.0.1:3000/>, or at the port that `PORT` names.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "it talks to whoever started it")]

mod database;

use std::{env, error::Error, io, time::Duration};

use apalis_board_api::ui::ServeUI;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use tokio::{net::TcpListener, time::sleep};
use with_after::{AfterLayer, after, serve, with_after};
use with_after_jobs::{JobError, JobState, Postgres, Sqlite, Workers, job};

use crate::database::{Database, Shop};

type Failure = Box<dyn Error + Send + Sync>;

/// What the workers lend to the jobs.
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

#[with_after(route)]
async fn order<D: Database>(
    State(shop): State<Shop<D>>,
    Json(items): Json<Vec<String>>,
) -> Result<String, StatusCode> {
    // The order and its receipt are stored together, before the client gets an answer.
    let number = shop.place(&items, |order| send_receipt(order, items.clone())).await;
    let number = number.map_err(|error| {
        eprintln!("the order is not stored: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })?;
    // Nobody misses it if the process dies.
    after(move || println!("order {number}: answered"));
    Ok(format!("order {number}\n"))
}

fn workers<D: Database>(shop: &Shop<D>) -> Result<Workers<D>, JobError> {
    shop.jobs
        .workers()
        .job::<send_receipt>()
        .state(Mailer)
        .on_failure(|failure| eprintln!("{failure}"))
        .on_dead(|job| eprintln!("dead: {job}"))
        .build()
}

async fn run<D: Database>(url: &str) -> Result<(), Failure> {
    let shop = Shop::<D>::open(url).await?;
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let board =
                Router::new().nest("/api/v1", shop.board()).fallback_service(ServeUI::new());
            let workers = workers(&shop)?;
            let app = Router::new().route("/orders", post(order::<D>)).with_state(shop);
            let app = app.merge(board).layer(AfterLayer::new());
            let port = env::var("PORT").ok().map_or(Ok(3000), |port| port.parse())?;
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            println!("listening on http://{}, Ctrl-C to stop", listener.local_addr()?);
            let serve = serve(listener, app).alongside(|stop| workers.run_until(stop));
            println!("{}", serve.await?);
        }
        ["worker"] => workers(&shop)?.run().await?,
        ["list"] => {
            for state in [JobState::Pending, JobState::Failed, JobState::Dead] {
                for job in shop.jobs.list(state, 100).await? {
                    println!("{job}");
                }
            }
        }
        ["retry", id] => {
            let retried = shop.jobs.retry(&id.into()).await?;
            println!("{}", if retried { "it is tried again" } else { "there is no such dead job" });
        }
        _ => eprintln!("usage: orders [worker | list | retry <id>]"),
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match env::var("DATABASE_URL") {
        Ok(url) if url.starts_with("postgres") => run::<Postgres>(&url).await,
        Ok(url) => run::<Sqlite>(url.trim_start_matches("sqlite:")).await,
        Err(_) => {
            let file = env::temp_dir().join("with-after-orders.db");
            run::<Sqlite>(&file.to_string_lossy()).await
        }
    }
}
