//! A small shop whose handlers schedule work to run after their responses.
//!
//! Start it with `cargo run --example quickstart`, then ask it:
//!
//! ```console
//! $ curl --cookie theme=dark http://127.0.0.1:3000/
//! $ curl --json '["tea", "cup"]' http://127.0.0.1:3000/orders
//! $ curl http://127.0.0.1:3000/export
//! $ curl http://127.0.0.1:3000/stock
//! $ curl --location http://127.0.0.1:3000/home
//! ```
//!
//! For each request it prints what happens when, and so does the inspector, whose address it
//! prints. Ctrl-C ends it, once the work is done.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the timeline is its output")]

mod timeline;

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    io::{Error, ErrorKind},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{StatusCode, header::USER_AGENT},
    middleware::{self, Next},
    response::{Html, Response},
    routing::{get, post},
};
use futures_util::stream;
use tokio::{net::TcpListener, time::sleep};
use tracing::trace;
use with_after::{
    AfterLayer, End, Interrupt, after, cookies, headers, inspector::Inspector, outcome, redirect,
    serve, task, with_after,
};

#[tokio::main]
async fn main() -> ExitCode {
    timeline::install();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let sent = Arc::new(AtomicU64::new(0));
    let inspector = Inspector::new();
    let app = Router::new()
        .route("/", get(shop))
        .route("/orders", post(order))
        .route("/export", get(export))
        .route("/stock", get(stock))
        .route("/home", get(home))
        .layer(middleware::from_fn_with_state(Arc::clone(&sent), count))
        .layer(middleware::from_fn(timeline::watch))
        .nest_service("/_after", inspector.service())
        .layer(AfterLayer::new()); // the last one is the outermost

    let port = port()?;
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| format!("cannot listen on port {port}: {error}; set PORT to another"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    println!("listening on http://{address}, Ctrl-C to stop");
    println!("inspector: http://{address}/_after/");

    let report =
        serve(listener, app).observe(inspector).await.map_err(|error| error.to_string())?;
    println!("{report}");
    println!("responses sent to their end: {}", sent.load(Relaxed));
    Ok(())
}

fn port() -> Result<u16, String> {
    let Some(port) = env::var_os("PORT") else { return Ok(3000) };
    let readable = port.to_str().and_then(|port| port.parse().ok());
    readable.ok_or_else(|| format!("PORT is {port:?}, but a port is a number from 0 to 65535"))
}

/// A page. When its task runs there is no request left to read, so what the task needs is read
/// before and moved in.
#[with_after(component)]
async fn shop() -> Html<&'static str> {
    let dark = cookies().await.get("theme").is_some_and(|cookie| cookie.value() == "dark");
    after(save(if dark { "dark" } else { "light" }));
    Html(if dark { "<body class=dark>Tea\n" } else { "<body>Tea\n" })
}

/// A JSON route. Its tasks may read the request, and schedule further ones.
#[with_after(route, max_duration = "10s")]
async fn order(Json(items): Json<Vec<String>>) -> Json<BTreeMap<&'static str, usize>> {
    let count = items.len();
    task("receipt").schedule(async move {
        send_mail(format!("Thank you for ordering {}!", items.join(", "))).await;
        let headers = headers().await;
        let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        task("audit").schedule(save(agent.unwrap_or("unknown").to_owned()));
    });
    Json(BTreeMap::from([("items", count)]))
}

/// A streaming route. Its task waits for the last byte, or for the client to go away.
#[with_after(route)]
async fn export() -> Body {
    task("export log").schedule(async {
        let complete = outcome().is_some_and(|outcome| outcome.end() == End::Completed);
        save(if complete { "complete" } else { "cut" }).await;
    });
    Body::from_stream(stream::unfold(1, |row| async move {
        sleep(Duration::from_millis(100)).await;
        (row <= 3).then(|| (Ok::<_, Infallible>(format!("row {row}\n")), row + 1))
    }))
}

/// A route that fails. Its task runs all the same; it fails too, which is reported.
#[with_after(route)]
async fn stock() -> Result<String, StatusCode> {
    task("alert").schedule(async {
        sleep(Duration::from_millis(20)).await;
        Err::<(), _>(Error::new(ErrorKind::TimedOut, "the pager does not answer"))
    });
    Err(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A redirect, which is an `Err` for the handler and a response for the client.
#[with_after(route)]
async fn home() -> Result<(), Interrupt> {
    after(save("/home"));
    Err(redirect("/"))
}

/// A middleware. Its task waits for the same end of the response as those of the handlers.
#[with_after(middleware)]
async fn count(State(sent): State<Arc<AtomicU64>>, request: Request, next: Next) -> Response {
    task("count").schedule(move || {
        if outcome().is_some_and(|outcome| outcome.end() == End::Completed) {
            sent.fetch_add(1, Relaxed);
        }
    });
    next.run(request).await
}

/// Stands for a database.
async fn save(row: impl Into<String>) {
    sleep(Duration::from_millis(5)).await;
    trace!("saved {}", row.into());
}

/// Stands for a slow mail server.
async fn send_mail(text: String) {
    sleep(Duration::from_secs(1)).await;
    trace!("sent {text}");
}
