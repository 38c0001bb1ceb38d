//! A server for tests that send signals: it prints its address, what happens, and its report.

use std::{env, future::pending, io, net::SocketAddr, thread, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use with_after::{AfterLayer, after, serve, task};

/// The first argument is the time for the shutdown, in seconds. The second one may be `deaf`, which
/// leaves all signals alone, or `exit`, which ends the process by its report.
#[tokio::main]
async fn main() -> io::Result<()> {
    let seconds = env::args().nth(1).and_then(|seconds| seconds.parse().ok());
    let time = Duration::from_secs(seconds.expect("the argument is a number of seconds"));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new()
        .route("/second", get(second))
        .route("/nested", get(nested))
        .route("/hanging", get(hanging))
        .route("/blocking", get(blocking))
        .route("/echo", post(echo))
        .layer(AfterLayer::new())
        .with_state(address);

    say(format!("{address}"));
    let server = serve(listener, app).drain_within(time);
    let mode = env::args().nth(2);
    let report = match mode.as_deref() {
        Some("deaf") => server.shutdown_on(pending()).await?,
        _ => server.await?,
    };
    say(format!("{report}"));
    if mode.as_deref() == Some("exit") {
        report.exit();
    }
    Ok(())
}

async fn second(State(address): State<SocketAddr>) {
    task("second").schedule(async move {
        refused(address).await;
        sleep(Duration::from_secs(1)).await;
        say("second ended");
    });
}

async fn nested(State(address): State<SocketAddr>) {
    task("outer").schedule(async move {
        refused(address).await;
        task("inner").schedule(|| say("inner ended"));
    });
}

async fn hanging() {
    task("hanging").schedule(pending::<()>());
}

/// Holds a thread of the pool for good.
async fn blocking() {
    let block = || loop {
        thread::park();
    };
    task("blocking").blocking().schedule(move || -> () { block() });
}

async fn echo(body: Body) -> Result<Bytes, StatusCode> {
    say("echo begun");
    after(|| say("echo ended"));
    to_bytes(body, 1 << 10).await.map_err(|_| StatusCode::BAD_REQUEST)
}

/// Waits until the server accepts no more connections.
async fn refused(address: SocketAddr) {
    while TcpStream::connect(address).await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
}

#[expect(clippy::print_stdout, reason = "the test reads it")]
fn say(what: impl AsRef<str>) {
    println!("{}", what.as_ref());
}
