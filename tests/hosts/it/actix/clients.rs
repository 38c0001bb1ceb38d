//! Clients that go away.

use std::{convert::Infallible, future::pending};

use actix_web::{
    HttpResponse,
    web::{self, Data},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::{
    io::AsyncWriteExt as _,
    sync::{Notify, mpsc},
};
use with_after::{End, with_after};

use super::{Options, start, start_with};
use crate::support::{Report, ask, read_until, within};

#[with_after(route)]
async fn stalled_body(report: Data<Report>) -> HttpResponse {
    report.schedule();
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from("first"))]);
    HttpResponse::Ok().streaming(first.chain(stream::pending()))
}

static BEGUN: Notify = Notify::const_new();

#[with_after(route)]
async fn stalled(report: Data<Report>) -> &'static str {
    report.schedule();
    BEGUN.notify_one();
    pending().await
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_body_aborts_the_response_at_the_next_write() {
    static GONE: Notify = Notify::const_new();

    #[with_after(route)]
    async fn endless(report: Data<Report>) -> HttpResponse {
        report.schedule();
        let rest = stream::once(GONE.notified()).flat_map(|()| stream::repeat("more"));
        let chunks = stream::iter(["first"]).chain(rest);
        HttpResponse::Ok().streaming(chunks.map(|chunk| Ok::<_, Infallible>(Bytes::from(chunk))))
    }

    let mut server = start(|app| {
        app.route("/", web::get().to(endless));
    });
    let mut client = ask(server.address, "/").await;
    read_until(&mut client, "first").await;
    drop(client);
    assert!(server.outcomes.is_empty());
    GONE.notify_one();
    let (status, end, _) = server.outcomes.next().await;
    assert_eq!((status, end), (Some(200), End::Aborted));
}

#[tokio::test]
async fn a_client_that_goes_away_in_the_body_is_noticed_where_half_closed_ones_are_not_allowed() {
    let options = Options { close_half_closed: true, ..Options::default() };
    let routes = |app: &mut web::ServiceConfig| {
        app.route("/", web::get().to(stalled_body));
    };
    let mut server = start_with(routes, &options);
    let mut client = ask(server.address, "/").await;
    read_until(&mut client, "first").await;
    drop(client);
    assert_eq!(server.outcomes.next().await, (Some(200), End::Aborted, 5));
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_its_handler_where_half_closed_ones_are_not_allowed() {
    let options = Options { close_half_closed: true, ..Options::default() };
    let routes = |app: &mut web::ServiceConfig| {
        app.route("/", web::get().to(stalled));
    };
    let mut server = start_with(routes, &options);
    let client = ask(server.address, "/").await;
    within(BEGUN.notified()).await;
    drop(client);
    assert_eq!(server.outcomes.next().await, (None, End::Cancelled, 0));
}

#[tokio::test]
async fn a_half_closed_client_gets_its_response_by_default() {
    type Gate = (mpsc::Sender<()>, Notify);
    static GATE: std::sync::OnceLock<Gate> = std::sync::OnceLock::new();

    #[with_after(route)]
    async fn gated(report: Data<Report>) -> &'static str {
        let (begun, gate) = GATE.get().expect("it is set");
        report.schedule();
        begun.send(()).await.expect("the test listens");
        gate.notified().await;
        "to the end"
    }

    let (sender, mut begun) = mpsc::channel(1);
    let (_, gate) = GATE.get_or_init(|| (sender, Notify::new()));
    let mut server = start(|app| {
        app.route("/", web::get().to(gated));
    });
    let mut client = ask(server.address, "/").await;
    within(begun.recv()).await.expect("it begins");
    client.shutdown().await.expect("it stands");
    gate.notify_one();
    read_until(&mut client, "to the end").await;
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 10));

    // Nor is a client noticed that has gone away for good, before there is anything to write.
    let client = ask(server.address, "/").await;
    within(begun.recv()).await.expect("it begins");
    drop(client);
    gate.notify_one();
    let (status, _, _) = server.outcomes.next().await;
    assert_eq!(status, Some(200));
}
