//! The response is posted, then tasks run, then the next invocation is asked for.

use std::time::Duration;

use super::{
    function::Function,
    service::{Event, Service},
};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_response_is_posted_then_tasks_run_then_the_next_invocation_is_asked_for() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &[]);
    service.next().await;
    for _ in 0..3 {
        let id = service.invoke("POST", "/orders", MINUTE);
        let response = service.response(&id).await;
        assert_eq!(response["statusCode"], 200);
        assert_eq!(response["body"], "ordered");
        assert_eq!(response["cookies"][0], "ordered=yes; Path=/");

        let first = service.told("first-test-yes-200-Completed-limited").await;
        let second = service.told("second").await;
        second.send(()).expect("it waits");
        assert!(service.is_quiet(), "nothing is asked for while a task runs");
        first.send(()).expect("it waits");
        service.told("nested").await.send(()).expect("it waits");
        service.next().await;
    }
}

/// Where several are offered, as on Managed Instances.
#[tokio::test]
async fn invocations_are_taken_one_by_one_also_where_several_are_offered() {
    let mut service = Service::start().await;
    let _function = Function::start_in(&service, &[], &[("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    service.next().await;
    let first = service.invoke("GET", "/late", MINUTE);
    let second = service.invoke("GET", "/nothing", MINUTE);
    assert_eq!(service.response(&first).await["statusCode"], 200);
    let spawned = service.told("spawned").await;
    assert!(service.is_quiet(), "the second one is not asked for while a task runs");
    spawned.send(()).expect("it waits");
    service.told("late").await.send(()).expect("it waits");
    service.next().await;
    assert_eq!(service.response(&second).await["statusCode"], 404);
    service.next().await;
}

#[tokio::test]
async fn work_that_is_scheduled_by_what_was_spawned_is_waited_for() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &[]);
    service.next().await;
    let id = service.invoke("GET", "/late", MINUTE);
    assert_eq!(service.response(&id).await["statusCode"], 200);
    service.told("spawned").await.send(()).expect("it waits");
    service.told("late").await.send(()).expect("it waits");
    service.next().await;
}

#[tokio::test]
async fn an_invocation_without_tasks_is_followed_by_the_next_at_once() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &[]);
    service.next().await;
    let id = service.invoke("GET", "/nothing", MINUTE);
    assert_eq!(service.response(&id).await["statusCode"], 404);
    service.next().await;
}

#[tokio::test]
async fn tasks_of_what_panics_run_when_its_failure_has_been_posted() {
    let mut service = Service::start().await;
    let _function = Function::start(&service, &[]);
    service.next().await;
    for path in ["/panicking", "/panicking-body"] {
        let id = service.invoke("GET", path, MINUTE);
        match service.event().await {
            Event::Failed { id: failed, body } if failed == id => {
                let body = String::from_utf8_lossy(&body).into_owned();
                assert!(body.contains("a failure that the test wants"), "{body}");
            }
            other => panic!("{other:?} came, and not a failure"),
        }
        service.told("Panicked").await.send(()).expect("it waits");
        service.next().await;
    }
}
