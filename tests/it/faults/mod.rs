//! A server in which everything that is the user's fails at random: each task is run or reported,
//! exactly once, and nothing hangs.

mod dice;
mod handlers;
mod ledger;
mod observers;

use std::time::Duration;

use axum::{Router, body::Body, routing::get};
use http::Method;
use http_body_util::BodyExt as _;
use tokio::{
    runtime,
    sync::oneshot,
    task::{JoinSet, yield_now},
};
use with_after::{AfterLayer, platform::InProcess, serve};

use self::{
    dice::{Dice, quiet_panics},
    handlers::respond,
    ledger::{Auditing, Ledger},
    observers::{PanickingSubscriber, RECORDER},
};
use crate::{
    serve_support::patiently,
    support::{
        client::{Client, request},
        server::{Version, listen},
        traces::subscribe,
    },
};

const SEED: u64 = 12;
const REQUESTS: usize = 10_000;
const CONNECTIONS: usize = 8;

/// For what hangs: the others have ended long before.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);

#[test]
fn whatever_fails_each_task_is_run_or_reported_once_and_nothing_hangs() {
    quiet_panics();
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .on_thread_start(fail_in_this_thread)
        .build()
        .expect("threads can be started");
    let test = runtime.spawn(serve_and_audit());
    runtime.block_on(patiently(test)).expect("no part of the test fails");
}

/// Has what this thread traces and counts fail at random, for as long as it runs.
fn fail_in_this_thread() {
    thread_local! {
        static TRACES: std::cell::OnceCell<tracing::subscriber::DefaultGuard> = const {
            std::cell::OnceCell::new()
        };
        static METRICS: std::cell::OnceCell<metrics::LocalRecorderGuard<'static>> = const {
            std::cell::OnceCell::new()
        };
    }
    TRACES.with(|traces| drop(traces.set(subscribe(PanickingSubscriber::subscriber(SEED)))));
    METRICS.with(|guard| drop(guard.set(metrics::set_default_local_recorder(&*RECORDER))));
}

async fn serve_and_audit() {
    let (ledger, platform) = (Ledger::default(), InProcess::new());
    let layer = AfterLayer::with_platform(Auditing::new(&platform, &ledger, SEED));
    let (hooks_ledger, hooks_dice) = (ledger.clone(), Dice::new(SEED));
    let layer = layer.on_failure(move |failure| {
        hooks_ledger.heard(failure);
        hooks_dice.fail_one_in(10);
    });
    let (dice, handlers_ledger) = (Dice::new(SEED), ledger.clone());
    let app = Router::new()
        .fallback(get(move || respond(dice.clone(), handlers_ledger.clone())))
        .layer(layer);
    let (listener, address) = listen().await;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, app)
        .platform(platform.clone())
        .drain_within(DRAIN_WITHIN)
        .shutdown_on(async { drop(stopped.await) });
    let serving = tokio::spawn(server.into_future());

    let mut clients = JoinSet::new();
    for number in 0..CONNECTIONS {
        let version = if number % 4 == 0 { Version::Http2 } else { Version::Http1 };
        let dice = Dice::new(SEED + number as u64);
        clients.spawn(async move {
            let mut client = Client::connect(address, version).await;
            for _ in 0..REQUESTS / CONNECTIONS {
                if !ask(&mut client, &dice).await {
                    client.close();
                    client = Client::connect(address, version).await;
                }
            }
        });
    }
    clients.join_all().await;
    // What the process promises it still does.
    let mut client = Client::connect(address, Version::Http1).await;
    let dice = Dice::new(SEED);
    while !ask(&mut client, &dice).await {
        client = Client::connect(address, Version::Http1).await;
    }

    stop.send(()).expect("the server runs");
    let report = serving.await.expect("the server does not panic").expect("it drains");
    while !ledger.is_balanced() || platform.pending() > 0 {
        yield_now().await;
    }
    ledger.audit(&report);
}

/// Sends a request and reads its response, or leaves it half-way; returns whether the connection
/// can be used on.
async fn ask(client: &mut Client, dice: &Dice) -> bool {
    if dice.one_in(50) {
        let mut sending = Box::pin(client.send(request(Method::GET, "/")));
        for _ in 0..dice.below(20) {
            if futures_util::poll!(&mut sending).is_ready() {
                break;
            }
            yield_now().await;
        }
        return false;
    }
    let Ok(response) = client.send(request(Method::GET, "/")).await else { return false };
    let mut body = response.into_body();
    if dice.one_in(50) {
        drop(body.frame().await);
        return false;
    }
    Body::new(body).collect().await.is_ok()
}
