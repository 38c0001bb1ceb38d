//! A function of Vercel, for tests that stand in for the platform.
//!
//! It tells the test what happens, and waits for its answer.

use std::{env, future::pending, time::Duration};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    routing::{get, post},
};
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tower::Layer as _;
use vercel_runtime::{AppState, Error, Request, axum::VercelLayer, run, service_fn};
use with_after::{
    AfterLayer, Scope, after, cookies, deadline, headers, outcome, task, try_after, vercel,
    with_after,
};

/// The first argument says what function it is.
#[tokio::main]
async fn main() -> Result<(), Error> {
    let router = Router::new()
        .route("/orders", post(async || order().await))
        .route("/stream", get(streaming))
        .route("/hanging", get(hanging))
        .route("/late", get(late))
        .route("/panicking", get(panicking))
        .route("/refused", get(refused));
    let layer = AfterLayer::new().on_failure(|failure| say(&failure.to_string()));
    match env::args().nth(1).as_deref() {
        Some("axum") => run(vercel::function(&layer, router)).await,
        Some("service") => run(vercel::around(&layer, service_fn(service))).await,
        Some("axum by VercelLayer") => {
            run(vercel::around(&layer, VercelLayer::new().layer(router))).await
        }
        Some("without") => run(VercelLayer::new().layer(router.layer(layer))).await,
        other => panic!("{other:?} is no function"),
    }
}

/// A function without axum.
async fn service(request: Request, _: AppState) -> Result<&'static str, Error> {
    match request.uri().path() {
        "/orders" => Ok(order().await),
        _ => failing().await,
    }
}

#[with_after(route)]
async fn order() -> &'static str {
    cookies().await.set(("ordered", "yes")).expect("a handler writes cookies");
    after(async {
        let agent = headers().await["user-agent"].to_str().expect("it is text").to_owned();
        let outcome = outcome().expect("there was a response");
        let status = outcome.status().map_or(0, |status| status.as_u16());
        tell(&format!("first {agent} {status} {:?}", outcome.end())).await;
        task("nested").schedule(async { tell("nested").await });
    });
    after(async { tell("second").await });
    "ordered"
}

#[with_after(route)]
async fn failing() -> Result<&'static str, Error> {
    after(async { tell(&format!("failed {:?}", outcome().and_then(|o| o.status()))).await });
    Err("no such thing".into())
}

/// What it schedules it schedules from its body.
async fn streaming(state: Extension<AppState>) -> Body {
    drop(state); // it is there
    Body::from_stream(stream::unfold(0, async |chunk| {
        match chunk {
            0 => (),
            1 => tell("gate").await,
            _ => {
                after(async {
                    let outcome = outcome().expect("it has ended");
                    tell(&format!("{} bytes {:?}", outcome.body_bytes(), outcome.end())).await;
                });
                return None;
            }
        }
        Some((Ok::<_, Error>(Bytes::from("chunk;")), chunk + 1))
    }))
}

#[with_after(route, max_duration = "100ms")]
async fn hanging() {
    after(async {
        let limited = if deadline().is_some() { "limited" } else { "unlimited" };
        tell(limited).await;
    });
    task("hanging").schedule(pending::<()>());
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

#[with_after(route)]
async fn panicking() {
    after(async { tell(&format!("{:?}", outcome().expect("of a request").end())).await });
    panic!("a failure that the test wants")
}

async fn refused() -> String {
    match try_after(async { tokio::time::sleep(Duration::ZERO).await }) {
        Ok(()) => "scheduled".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Tells the test what happens, and waits for its answer.
async fn tell(what: &str) {
    let test = env::var("VERCEL_TEST").expect("a test starts it");
    let mut stream = TcpStream::connect(test).await.expect("it listens");
    stream.write_all(what.as_bytes()).await.expect("it reads");
    stream.shutdown().await.expect("it reads");
    stream.read_to_end(&mut Vec::new()).await.expect("it answers");
}

#[expect(clippy::print_stdout, reason = "the test reads it")]
fn say(what: &str) {
    println!("{what}");
}
