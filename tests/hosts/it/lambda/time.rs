//! The deadline of an invocation ends its work.

use std::time::Duration;

use super::{function::Function, service::Service};

/// Short, for the tests wait for it; nothing is asserted of it but the order of events.
const TIMEOUT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_task_is_cut_before_the_function_times_out_and_reported() {
    let mut service = Service::start().await;
    let mut function = Function::start(&service, &[]);
    service.next().await;
    let id = service.invoke("GET", "/hanging", TIMEOUT);
    service.response(&id).await;
    let failure = function.line().await;
    assert!(failure.contains("`hanging`") && failure.contains("timed out"), "{failure}");
    service.next().await;

    // What comes next has its own time.
    let id = service.invoke("POST", "/orders", Duration::from_mins(1));
    service.response(&id).await;
    let first = service.told("first-test-yes-200-Completed-limited").await;
    service.told("second").await.send(()).expect("it waits");
    first.send(()).expect("it waits");
    service.told("nested").await.send(()).expect("it waits");
    service.next().await;
}

#[tokio::test]
async fn a_task_that_cannot_be_cut_does_not_hold_up_the_next_invocation() {
    let mut service = Service::start().await;
    let mut function = Function::start(&service, &[]);
    service.next().await;
    let id = service.invoke("GET", "/stuck", TIMEOUT);
    service.response(&id).await;
    let failure = function.line().await;
    assert!(failure.contains("`stuck`") && failure.contains("timed out"), "{failure}");
    service.next().await;
}
