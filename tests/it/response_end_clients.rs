//! What a task sees when the client goes away.

use std::{future::pending, sync::Arc};

use axum::{body::Body, extract::Request};
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use tokio::{
    io::AsyncWriteExt as _,
    sync::{Notify, Semaphore},
};
use with_after::{AfterLayer, End};

use crate::support::{
    bodies,
    client::{Client, raw, read_until, request},
    outcomes::{Report, outcomes},
    server::{EVERYWHERE, Host, Version, start},
    within,
};

const GET: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
const HOSTS: [(Host, Version); 2] = [(Host::Axum, Version::Http1), (Host::Hyper, Version::Http1)];

#[tokio::test]
async fn a_client_that_closes_before_the_head_cancels_the_handler() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let entered = Arc::new(Notify::new());
        let address = start(at, AfterLayer::new(), hanging(report, &entered)).await;
        let mut client = Client::connect(address, at.1).await;
        let request = tokio::spawn(async move {
            drop(client.send(request(Method::GET, "/")).await);
            client
        });
        within(entered.notified()).await;
        // Drops the client, and with it the stream over HTTP/2 or the connection over HTTP/1.1.
        request.abort();

        assert_eq!(outcomes.next().await, (None, End::Cancelled, 0), "{at:?}");
    }
}

#[tokio::test]
async fn a_client_that_closes_only_its_writing_side_cancels_the_handler_too() {
    for at in HOSTS {
        let (report, mut outcomes) = outcomes();
        let entered = Arc::new(Notify::new());
        let address = start(at, AfterLayer::new(), hanging(report, &entered)).await;
        let mut stream = raw(address, GET).await;
        within(entered.notified()).await;
        stream.shutdown().await.expect("it is open");

        assert_eq!(outcomes.next().await, (None, End::Cancelled, 0), "{at:?}");
    }
}

#[tokio::test]
async fn a_client_that_closes_while_the_body_stalls_aborts_it() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            std::future::ready(bodies::stalled("half", pending()))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let mut response = client.send(request(Method::GET, "/")).await.expect("the head comes");
        let first = within(response.body_mut().frame()).await.expect("it comes").expect("whole");
        assert_eq!(first.into_data().expect("data"), "half");
        client.close();
        drop(response);

        assert_eq!(outcomes.next().await, (Some(200), End::Aborted, 4), "{at:?}");
    }
}

#[tokio::test]
async fn a_stream_reset_before_the_head_cancels_the_handler_and_leaves_the_connection() {
    for at in [(Host::Axum, Version::Http2), (Host::Hyper, Version::Http2)] {
        let (report, mut outcomes) = outcomes();
        let entered = Arc::new(Notify::new());
        let hanging = hanging(report, &entered);
        let address = start(at, AfterLayer::new(), move |request: Request| {
            let hanging = hanging.clone();
            async move {
                if request.uri().path() == "/hangs" {
                    hanging(request).await;
                }
                "hello"
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        tokio::select! {
            _ = client.send(request(Method::GET, "/hangs")) => panic!("it hangs"),
            () = within(entered.notified()) => (),
        }

        assert_eq!(outcomes.next().await, (None, End::Cancelled, 0), "{at:?}");
        let next = client.fetch(request(Method::GET, "/")).await.expect("the connection stands");
        assert_eq!(next.body, "hello");
    }
}

#[tokio::test]
async fn a_stream_reset_in_the_body_aborts_it_and_leaves_the_connection() {
    for at in [(Host::Axum, Version::Http2), (Host::Hyper, Version::Http2)] {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |request: Request| {
            let stalls = request.uri().path() == "/stalls";
            if stalls {
                report.schedule();
            }
            let body =
                if stalls { bodies::stalled("half", pending()) } else { Body::from("hello") };
            std::future::ready(body)
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let response = client.send(request(Method::GET, "/stalls")).await.expect("the head comes");
        let mut body = response.into_body();
        within(body.frame()).await.expect("it comes").expect("whole");
        drop(body);

        assert_eq!(outcomes.next().await, (Some(200), End::Aborted, 4), "{at:?}");
        let next = client.fetch(request(Method::GET, "/")).await.expect("the connection stands");
        assert_eq!(next.body, "hello");
    }
}

#[tokio::test]
async fn a_204_over_http2_counts_as_complete_when_its_body_is_reset() {
    for at in [(Host::Axum, Version::Http2), (Host::Hyper, Version::Http2)] {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            std::future::ready((StatusCode::NO_CONTENT, bodies::stalled("half", pending())))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let response = client.send(request(Method::GET, "/")).await.expect("the head comes");
        let mut body = response.into_body();
        within(body.frame()).await.expect("hyper sends it").expect("whole");
        drop(body);

        assert_eq!(outcomes.next().await, (Some(204), End::Completed, 4), "{at:?}");
    }
}

#[tokio::test]
async fn a_client_that_leaves_unread_bytes_behind_goes_unnoticed_and_the_tasks_still_run() {
    let unread_body = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf";
    for sent in [format!("{GET}{GET}"), unread_body.to_owned()] {
        for at in HOSTS {
            let (report, mut outcomes) = outcomes();
            let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
            let handler = {
                let (entered, gate) = (Arc::clone(&entered), Arc::clone(&gate));
                move |request: Request| {
                    let (report, entered) = (report.clone(), Arc::clone(&entered));
                    let gate = Arc::clone(&gate);
                    async move {
                        report.schedule();
                        entered.notify_one();
                        drop(gate.acquire().await);
                        drop(request);
                    }
                }
            };
            let address = start(at, AfterLayer::new(), handler).await;
            let stream = raw(address, &sent).await;
            within(entered.notified()).await;
            drop(stream);
            assert!(outcomes.is_empty(), "it is not finished: {at:?} {sent:?}");
            gate.add_permits(9);

            assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0), "{at:?} {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_client_of_a_stream_that_stays_gets_it_all_and_then_the_task_runs() {
    for at in HOSTS {
        let (report, mut outcomes) = outcomes();
        let gate = Arc::new(Notify::new());
        let handlers_gate = Arc::clone(&gate);
        let address = start(at, AfterLayer::new(), move |_| {
            report.schedule();
            let gate = Arc::clone(&handlers_gate);
            let body = bodies::stalled("half", async move { gate.notified().await });
            std::future::ready(body)
        })
        .await;
        let mut stream = raw(address, GET).await;
        read_until(&mut stream, "half\r\n").await;
        assert!(outcomes.is_empty(), "it is not finished: {at:?}");
        gate.notify_one();

        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 4), "{at:?}");
        read_until(&mut stream, "0\r\n\r\n").await;
    }
}

/// A handler that schedules, says so, and never returns.
fn hanging(
    report: Report,
    entered: &Arc<Notify>,
) -> impl Fn(Request) -> futures_util::future::BoxFuture<'static, ()> + Clone + use<> {
    let entered = Arc::clone(entered);
    move |_| {
        report.schedule();
        entered.notify_one();
        Box::pin(pending())
    }
}
