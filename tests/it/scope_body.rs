//! Code that runs inside of a response's body, or in a drop, finds its scope.

use std::{future::pending, sync::Arc};

use axum::extract::Request;
use http::Method;
use tokio::sync::{Notify, mpsc};
use with_after::{AfterLayer, End, after, try_after, try_headers};

use crate::support::{
    bodies,
    client::{Client, request},
    outcomes::{Report, outcomes},
    server::{EVERYWHERE, start},
    within,
};

#[tokio::test]
async fn a_body_schedules_and_reads_headers_while_it_is_polled() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let address = start(at, AfterLayer::new(), move |_| {
            let (mut frames, report) = (["one"].into_iter(), report.clone());
            let poll = move || {
                let frame = frames.next()?;
                assert_eq!(try_headers().expect("the scope is found")["x-id"], "7");
                report.schedule();
                Some(frame)
            };
            std::future::ready(bodies::probe(poll, || ()))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let received = client.fetch(with_id()).await.expect("a whole response comes");

        assert_eq!(received.body, "one");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 3), "{at:?}");
    }
}

#[tokio::test]
async fn a_body_schedules_and_reads_headers_while_it_is_dropped() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let (found, mut drops) = mpsc::unbounded_channel();
        let address = start(at, AfterLayer::new(), move |_| {
            let (mut frames, found) = (["one"].into_iter(), found.clone());
            let on_drop = on_drop(report.clone(), found);
            std::future::ready(bodies::probe(move || frames.next(), on_drop))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        client.fetch(with_id()).await.expect("a whole response comes");

        assert_eq!(within(drops.recv()).await.as_deref(), Some("7"), "{at:?}");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 3), "{at:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_never_polled_is_dropped_in_its_scope() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let (found, mut drops) = mpsc::unbounded_channel();
        let address = start(at, AfterLayer::new(), move |_| {
            let on_drop = on_drop(report.clone(), found.clone());
            std::future::ready(bodies::probe(|| None, on_drop))
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        let mut request = with_id();
        *request.method_mut() = Method::HEAD;
        client.fetch(request).await.expect("a head comes");

        assert_eq!(within(drops.recv()).await.as_deref(), Some("7"), "{at:?}");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0), "{at:?}");
    }
}

#[tokio::test]
async fn a_handler_that_is_cancelled_is_dropped_in_its_scope() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let (found, mut drops) = mpsc::unbounded_channel();
        let entered = Arc::new(Notify::new());
        let handlers_entered = Arc::clone(&entered);
        let address = start(at, AfterLayer::new(), move |_: Request| {
            let guard = CallOnDrop(on_drop(report.clone(), found.clone()));
            let entered = Arc::clone(&handlers_entered);
            async move {
                entered.notify_one();
                pending::<()>().await;
                drop(guard);
            }
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        tokio::select! {
            _ = client.send(with_id()) => panic!("it hangs"),
            () = within(entered.notified()) => client.close(),
        }

        assert_eq!(within(drops.recv()).await.as_deref(), Some("7"), "{at:?}");
        assert_eq!(outcomes.next().await, (None, End::Cancelled, 0), "{at:?}");
    }
}

#[tokio::test]
async fn a_task_is_dropped_in_its_scope() {
    for at in EVERYWHERE {
        let (report, mut outcomes) = outcomes();
        let (found, mut drops) = mpsc::unbounded_channel();
        let address = start(at, AfterLayer::new(), move |_| {
            let guard = CallOnDrop(on_drop(report.clone(), found.clone()));
            after(async move {
                // Kept until the task's future is dropped, and scheduled there as a nested task.
                let _guard = guard;
                tokio::task::yield_now().await;
            });
            std::future::ready(())
        })
        .await;
        let mut client = Client::connect(address, at.1).await;
        client.fetch(with_id()).await.expect("a whole response comes");

        assert_eq!(within(drops.recv()).await.as_deref(), Some("7"), "{at:?}");
        assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0), "{at:?}");
    }
}

/// Sends the header that it finds, and schedules a report; a panic in a drop would end the test.
fn on_drop(
    report: Report,
    found: mpsc::UnboundedSender<String>,
) -> impl FnMut() + Clone + Send + Unpin {
    move || {
        let id = try_headers().map(|headers| headers["x-id"].to_str().map(ToOwned::to_owned));
        let id = id.map_or_else(|error| error.to_string(), |id| id.expect("it is text"));
        drop(found.send(id));
        if try_after(|| ()).is_ok() {
            report.schedule();
        }
    }
}

fn with_id() -> http::Request<axum::body::Body> {
    let mut request = request(Method::GET, "/");
    request.headers_mut().insert("x-id", "7".parse().expect("a value"));
    request
}

struct CallOnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for CallOnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
