//! A function of AWS Lambda, for tests that stand in for the service.
//!
//! It tells the service what happens, by requests to paths of which Lambda knows nothing: so what
//! the function does and what it asks of Lambda stand in one order.

use std::{convert::Infallible, env, future::pending, thread, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::StatusCode,
    routing::{get, post},
};
use futures_util::{StreamExt as _, stream};
use lambda_http::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use with_after::{
    AfterLayer, Scope, after, cookies, deadline, headers, lambda, outcome, serve, task, try_after,
    with_after,
};

/// The first argument says by whom the function is run.
#[tokio::main]
async fn main() -> Result<(), Error> {
    let app = Router::new()
        .route("/orders", post(order))
        .route("/hanging", get(hanging))
        .route("/stuck", get(stuck))
        .route("/panicking", get(panicking))
        .route("/panicking-body", get(panicking_body))
        .route("/stream", get(stream_of_two))
        .route("/late", get(late))
        .route("/refused", get(refused))
        .layer(AfterLayer::new().on_failure(|failure| say(&failure.to_string())));
    match env::args().nth(1).as_deref() {
        None => lambda::run(app).await,
        Some("streaming") => lambda::run_with_streaming_response(app).await,
        Some("lambda_http") => lambda_http::run(app).await,
        Some("serve") => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
            say(&listener.local_addr()?.to_string());
            let report = serve(listener, app).await?;
            say(&report.to_string());
            Ok(())
        }
        Some(other) => panic!("{other} is nobody to run it"),
    }
}

#[with_after(route)]
async fn order() -> &'static str {
    cookies().await.set(("ordered", "yes")).expect("a handler writes cookies");
    after(async {
        let agent = headers().await["user-agent"].to_str().expect("it is text").to_owned();
        let cookie = cookies().await.get("ordered").expect("it was written").value().to_owned();
        let outcome = outcome().expect("there was a response");
        let status = outcome.status().map_or(0, |status| status.as_u16());
        let limited = if deadline().is_some() { "limited" } else { "unlimited" };
        tell(&format!("first-{agent}-{cookie}-{status}-{:?}-{limited}", outcome.end())).await;
        task("nested").schedule(async { tell("nested").await });
    });
    after(async { tell("second").await });
    "ordered"
}

#[with_after(route, max_duration = "1h")]
async fn hanging() {
    task("hanging").schedule(pending::<()>());
}

/// What blocks its thread cannot be cut.
#[with_after(route)]
async fn stuck() {
    task("stuck").blocking().schedule(|| thread::sleep(Duration::from_hours(1)));
}

#[with_after(route)]
async fn panicking() {
    after(async { tell(&format!("{:?}", outcome().expect("of a request").end())).await });
    panic!("a failure that the test wants")
}

#[with_after(route)]
async fn panicking_body() -> Body {
    after(async { tell(&format!("{:?}", outcome().expect("of a request").end())).await });
    Body::from_stream(
        stream::once(async { panic!("a failure that the test wants") })
            .map(|()| Ok::<_, Infallible>(Bytes::new())),
    )
}

#[with_after(route)]
async fn stream_of_two() -> Body {
    after(async { tell(&format!("{}-bytes", outcome().expect("it ended").body_bytes())).await });
    Body::from_stream(stream::unfold(0, async |chunk| {
        match chunk {
            0 => (),
            1 => tell("gate").await,
            _ => return None,
        }
        Some((Ok::<_, Infallible>(Bytes::from("chunk;")), chunk + 1))
    }))
}

/// Work that outlives its handler counts too.
#[with_after(route)]
async fn late() {
    let scope = Scope::current().expect("a handler has a scope");
    after(async move {
        let spawned = scope.run(async {
            tell("spawned").await;
            after(async { tell("late").await });
        });
        tokio::spawn(spawned).await.expect("it does not panic");
    });
}

async fn refused() -> (StatusCode, String) {
    match try_after(|| ()) {
        Ok(()) => (StatusCode::OK, String::new()),
        Err(error) if error.is_refused() => (StatusCode::NOT_IMPLEMENTED, error.to_string()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// Tells the service what happens, and waits for its answer.
async fn tell(what: &str) {
    let service = env::var("AWS_LAMBDA_RUNTIME_API").expect("it runs under Lambda");
    let mut stream = tokio::net::TcpStream::connect(service).await.expect("it listens");
    let request = format!("GET /told/{what} HTTP/1.1\r\nhost: lambda\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    stream.read_to_end(&mut Vec::new()).await.expect("it answers");
}

#[expect(clippy::print_stdout, reason = "the test reads it")]
fn say(what: &str) {
    println!("{what}");
}
