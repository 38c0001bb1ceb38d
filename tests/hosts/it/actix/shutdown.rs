//! The server stops, and the work is waited for.

use std::{
    sync::{LazyLock, OnceLock},
    thread::{self, ThreadId},
    time::Duration,
};

use actix_web::web::{self, Data};
use tokio::sync::{Notify, Semaphore};
use with_after::{End, task, with_after};

use super::start;
use crate::support::{Report, ask, get, read_until, within};

#[tokio::test]
async fn a_drain_after_the_stop_waits_for_requests_and_tasks() {
    static GATES: LazyLock<[Notify; 3]> = LazyLock::new(Default::default);
    static RAN_IN: OnceLock<ThreadId> = OnceLock::new();

    #[with_after(route)]
    async fn slow(report: Data<Report>) -> &'static str {
        let [begun, gate, _] = &*GATES;
        report.schedule();
        begun.notify_one();
        gate.notified().await;
        "slow answer"
    }

    #[with_after(route)]
    async fn quick() -> &'static str {
        task("outer").schedule(async {
            GATES[2].notified().await;
            task("inner").schedule(|| RAN_IN.set(thread::current().id()).expect("it runs once"));
        });
        "quick answer"
    }

    let mut server = start(|app| {
        app.route("/slow", web::get().to(slow)).route("/quick", web::get().to(quick));
    });
    let [begun, gate, last] = &*GATES;
    get(server.address, "/quick").await;
    let mut in_flight = ask(server.address, "/slow").await;
    within(begun.notified()).await;

    let stopped = tokio::spawn(server.handle.stop(true));
    gate.notify_one();
    read_until(&mut in_flight, "slow answer").await;
    within(stopped).await.expect("it does not panic");
    within(server.ended).await.expect("it does not panic").expect("it ends well");
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 11));

    // The workers are gone: what is left runs in the runtime that the platform names.
    assert_eq!(server.platform.pending(), 1);
    last.notify_one();
    let report = within(server.platform.drain(Duration::from_secs(20))).await;
    assert!(report.is_complete(), "{report}");
    assert_eq!((report.completed(), report.failed()), (2, 0), "{report}");
    assert_eq!(RAN_IN.get(), Some(&thread::current().id()));
}

#[tokio::test]
async fn a_request_that_the_server_cuts_off_is_cancelled_and_its_tasks_run() {
    static BEGUN: Semaphore = Semaphore::const_new(0);

    #[with_after(route)]
    async fn hanging(report: Data<Report>) -> &'static str {
        report.schedule();
        BEGUN.add_permits(1);
        std::future::pending().await
    }

    let mut server = start(|app| {
        app.route("/", web::get().to(hanging));
    });
    let _client = ask(server.address, "/").await;
    within(BEGUN.acquire()).await.expect("it is open").forget();
    within(server.handle.stop(false)).await;
    assert_eq!(server.outcomes.next().await, (None, End::Cancelled, 0));
    let report = within(server.platform.drain(Duration::from_secs(20))).await;
    assert!(report.is_complete(), "{report}");
}
