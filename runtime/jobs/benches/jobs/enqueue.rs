//! A row and its job in one transaction.

use std::{
    env,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request, routing::get};
use tower::ServiceExt as _;
use with_after::{AfterLayer, platform::InProcess};

use crate::{
    database::{Database, Nothing, nothing},
    rounds::{Ratios, median, rounds},
};

const HELD: &str = "SELECT count(*) FROM river_job WHERE state = 'scheduled'";

pub(crate) fn head() {
    println!(
        "\nRequests a second: a row and a job in one transaction; the median of {} rounds,\nand the ratio to bare `riverqueue`, with its spread.\n",
        rounds()
    );
    println!("| engine | clients | bare | enqueue | ratio | held and released | ratio |");
    println!("|---|---|---|---|---|---|---|");
}

pub(crate) async fn measure(database: &Database) {
    let bare = database.bare().0.build().unwrap();
    let jobs = database.builder().build().unwrap();
    let platform = InProcess::new();
    let handler = {
        let (database, jobs) = (database.clone(), jobs.clone());
        async move || drop(database.place(jobs.client(), nothing(7)).await.unwrap())
    };
    let app = Router::new().route("/", get(handler));
    let app = app.layer(AfterLayer::with_platform(platform.clone()));
    for clients in [1, 8] {
        let mut rates = [const { Vec::new() }; 3];
        for round in 0..rounds() {
            // In turn, and each round begins with another.
            for step in 0..3 {
                let which = (round + step) % 3;
                let rate: f64 = match which {
                    0 => {
                        rate(clients, async || {
                            database.place(&bare, Nothing { order: 7 }).await.unwrap();
                        })
                        .await
                    }
                    1 => {
                        rate(clients, async || {
                            database.place(jobs.client(), nothing(7)).await.unwrap();
                        })
                        .await
                    }
                    _ => {
                        rate(clients, async || {
                            let request = Request::new(Body::empty());
                            drop(app.clone().oneshot(request).await.unwrap());
                        })
                        .await
                    }
                };
                rates[which].push(rate);
                // The releases came in the background, but for the last ones.
                drop(platform.drain(Duration::from_secs(10)).await);
                assert_eq!(database.count(HELD).await, 0);
            }
        }
        let [bares, ours, held] = &rates;
        println!(
            "| {} | {clients} | {:.0} | {:.0} | {} | {:.0} | {} |",
            database.name(),
            median(bares),
            median(ours),
            Ratios::of(ours, bares),
            median(held),
            Ratios::of(held, bares),
        );
    }
}

/// Counts how often a request is served in a second, by so many clients.
async fn rate(clients: usize, request: impl AsyncFn()) -> f64 {
    let seconds = env::var("SECONDS_PER_ROUND").map_or(0.5, |seconds| seconds.parse().unwrap());
    let begin = Instant::now();
    let clients = (0..clients).map(async |_| {
        let mut served = 0_u32;
        while begin.elapsed() < Duration::from_secs_f64(seconds) {
            request().await;
            served += 1;
        }
        served
    });
    let served: u32 = futures_util::future::join_all(clients).await.into_iter().sum();
    f64::from(served) / begin.elapsed().as_secs_f64()
}
