//! Writes what happens as lines of JSON, by the stream of events: `cargo run --example observer`,
//! then `curl http://127.0.0.1:3000/`.

use std::{io, time::Duration};

use axum::{Router, routing::get};
use serde_json::json;
use tokio::{net::TcpListener, time::sleep};
use with_after::{AfterLayer, observe::Event, serve, task, with_after};

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = AfterLayer::new().layer(Router::new().route("/", get(hello)));
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    serve(listener, app).observe(write_line).await?.exit()
}

#[expect(clippy::print_stdout, reason = "the lines are its output")]
fn write_line(event: &Event<'_>) {
    let line = match *event {
        Event::ScopeOpened { scope, origin, .. } => {
            json!({ "request": scope.as_u64(), "opened": format!("{origin:?}") })
        }
        Event::ScopeFinished { scope, outcome, .. } => {
            json!({ "request": scope.as_u64(), "end": format!("{:?}", outcome.end()),
                "status": outcome.status().map(|status| status.as_u16()),
                "seconds": outcome.elapsed().as_secs_f64() })
        }
        Event::TaskEnded { scope, report, .. } => {
            json!({ "request": scope.as_u64(), "task": report.name(),
                "result": format!("{:?}", report.end()),
                "waited": report.queue_wait().as_secs_f64(),
                "ran": report.run_time().as_secs_f64() })
        }
        _ => return,
    };
    println!("{line}");
}

#[with_after(route)]
async fn hello() -> &'static str {
    task("greet").schedule(sleep(Duration::from_millis(5)));
    "hello\n"
}
