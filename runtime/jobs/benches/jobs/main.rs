//! What `with-after-jobs` costs beside bare `riverqueue`: see `../README.md`.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "it is a program that prints tables")]

mod database;
mod enqueue;
mod latency;
mod rounds;
mod throughput;

use std::env;

use self::database::Database;

#[tokio::main]
async fn main() {
    if let Ok(value) = env::var(latency::VARIABLE) {
        return latency::worker(&value).await;
    }
    // `cargo bench -- enqueue` measures that alone.
    let wanted = |name: &str| {
        let names: Vec<_> = env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
        names.is_empty() || names.iter().any(|wanted| wanted == name)
    };
    if wanted("enqueue") {
        enqueue::head();
        for database in Database::all().await {
            enqueue::measure(&database).await;
        }
    }
    if wanted("throughput") {
        throughput::head();
        for database in Database::all().await {
            throughput::measure(&database).await;
        }
    }
    if wanted("latency") {
        latency::head();
        for database in Database::all().await {
            latency::measure(&database).await;
        }
    }
}
