//! Tests of handlers without a server.

use std::{future::pending, time::Duration};

use http::{Method, StatusCode, Uri};
use tokio::time::{Instant, sleep};
use with_after::{
    Cookie, End, Kind, RunOn, Scope, after, cache, connection, cookies, headers, outcome, task,
    testing::{PendingTask, TestScope, TestedTask},
    try_after, with_after,
};

use crate::support::{fail, log::Log};

#[with_after(route)]
async fn greet() -> String {
    let (jar, headers) = (cookies().await, headers().await);
    connection().await;
    jar.set(Cookie::new("seen", "1")).expect("a route writes cookies");
    after(|| ());
    let name = jar.get("name").map_or(String::new(), |cookie| cookie.value().to_owned());
    format!("{name} {:?}", headers.get("x-id").expect("the test sets it"))
}

#[tokio::test]
async fn a_handler_reads_the_headers_and_cookies_of_the_test_and_writes_its_own() {
    let mut scope = TestScope::new()
        .request(Method::POST, Uri::from_static("/greet"))
        .header("x-id", "7")
        .cookie("name", "Ada")
        .cookie("other", "x");
    assert_eq!(scope.run(greet()).await, "Ada \"7\"");

    let report = scope.finish().await;
    let [cookie] = report.set_cookies() else { panic!("{report:?}") };
    assert_eq!((cookie.name(), cookie.value()), ("seen", "1"));
}

#[tokio::test]
async fn pending_names_the_tasks_before_they_run_and_the_report_after() {
    #[with_after(server_fn)]
    async fn order() {
        after(|| ());
        task("mail").schedule(|| Err::<(), _>("no network"));
        task("audit").schedule(|| {
            fail();
            after(|| ());
        });
        task("never").run_on(RunOn::Failure).schedule(|| ());
    }

    let mut scope = TestScope::new();
    assert!(scope.pending().is_empty(), "nothing was run");
    scope.run(order()).await;
    let pending = scope.pending();
    let names: Vec<_> = pending.iter().map(PendingTask::name).collect();
    assert_eq!(names, ["order", "mail", "audit", "never"]);
    assert!(pending.iter().all(|task| task.kind() == Some(Kind::ServerFn)));
    let line = line!() - 16;
    assert_eq!(pending[0].location().line(), line);
    assert!(pending[0].location().file().ends_with("testing_scope.rs"));

    let report = scope.finish().await;
    let mail = report.named("mail").next().expect("it ran");
    assert_eq!(mail.failure(), Some("failed: no network"));
    assert_eq!((mail.location().line(), mail.kind()), (line + 1, Some(Kind::ServerFn)));
    let audit = report.named("audit").next().expect("it ran");
    assert_eq!(audit.failure(), Some("panicked: a failure that the test wants"));
    assert!(report.named("order").next().expect("it ran").is_completed());
    let never = report.named("never").next().expect("it is reported");
    assert!(never.is_skipped() && !never.is_completed() && never.failure().is_none());
    assert_eq!(report.tasks().len(), 4);
}

#[tokio::test]
async fn no_task_runs_before_finish_which_runs_nested_ones_too() {
    let log = Log::default();
    let mut scope = TestScope::new();
    for name in ["first", "second"] {
        let log = log.clone();
        scope
            .run(async move {
                after(async move {
                    log.add(name);
                    tokio::task::yield_now().await;
                    after(move || log.add(format!("nested in {name}")));
                });
            })
            .await;
    }
    tokio::task::yield_now().await;
    assert_eq!(log.entries(), [""; 0]);
    assert_eq!(scope.finish().await.tasks().len(), 4);
    assert_eq!(log.entries(), ["first", "second", "nested in first", "nested in second"]);
}

#[tokio::test(start_paused = true)]
async fn under_paused_time_delays_and_deadlines_pass_at_once() {
    let before = std::time::Instant::now();
    let mut scope = TestScope::new().max_duration(Duration::from_mins(1));
    scope
        .run(async {
            task("slow").schedule(sleep(Duration::from_secs(59)));
            task("too slow").schedule(sleep(Duration::from_secs(61)));
            task("own").max_duration(Duration::from_secs(5)).schedule(pending::<()>());
        })
        .await;
    let begun = Instant::now();
    let report = scope.finish().await;
    assert_eq!(begun.elapsed().as_secs(), 60);
    let slow = report.named("slow").next().expect("it ran");
    assert!(slow.is_completed());
    assert_eq!((slow.queue_wait(), slow.run_time().as_secs()), (Duration::ZERO, 59));
    let failures: Vec<_> = report.tasks().iter().filter_map(|task| task.failure()).collect();
    assert_eq!(failures, ["timed out after 5s", "timed out after 60s"]);
    assert!(before.elapsed() < Duration::from_secs(50), "no time has passed");
}

#[tokio::test]
async fn the_end_of_the_response_can_be_chosen() {
    let ends = [
        (End::Completed, Some(StatusCode::CREATED), "success"),
        (End::Completed, Some(StatusCode::BAD_GATEWAY), "failure"),
        (End::Aborted, Some(StatusCode::OK), "failure"),
        (End::BodyError, Some(StatusCode::OK), "failure"),
        (End::Cancelled, None, "failure"),
        (End::Panicked, None, "failure"),
    ];
    for (end, status, name) in ends {
        let mut scope = TestScope::new().ending(end, status);
        scope
            .run(async move {
                task("success").run_on(RunOn::Success).schedule(|| ());
                task("failure").run_on(RunOn::Failure).schedule(|| ());
                task("look").schedule(move || {
                    let outcome = outcome().expect("it is a task");
                    assert_eq!((outcome.end(), outcome.status()), (end, status));
                });
            })
            .await;
        let report = scope.finish().await;
        let ran: Vec<_> = report
            .tasks()
            .iter()
            .filter(|task| task.is_completed())
            .map(TestedTask::name)
            .collect();
        assert_eq!(ran, [name, "look"], "{end:?} {status:?}");
    }
    // What is not chosen is a good response.
    let mut scope = TestScope::new();
    scope.run(async { task("it").run_on(RunOn::Success).schedule(|| ()) }).await;
    assert!(scope.finish().await.tasks()[0].is_completed());
}

#[tokio::test]
async fn at_once_runs_each_task_when_it_is_scheduled_and_waits_for_it() {
    let log = Log::default();
    let mut scope = TestScope::new().at_once();
    let handlers_log = log.clone();
    let output = scope
        .run(async move {
            let task_log = handlers_log.clone();
            after(async move {
                task_log.add("task");
                tokio::task::yield_now().await;
                after(move || task_log.add("nested"));
            });
            handlers_log.add("handler goes on");
            tokio::task::yield_now().await;
            handlers_log.add("handler ends");
            "output"
        })
        .await;
    assert_eq!(output, "output");
    let entries = log.entries();
    let place = |word: &str| entries.iter().position(|entry| entry == word);
    assert!(place("task") < place("handler ends"), "{entries:?}");
    assert!(place("nested").is_some(), "`run` waits for what it scheduled: {entries:?}");
    assert!(scope.pending().is_empty());
    assert_eq!(scope.finish().await.tasks().len(), 2);
}

#[tokio::test]
async fn components_are_held_to_their_rules() {
    #[with_after(component)]
    async fn page() -> String {
        after(read_later);
        let jar = cookies().await;
        assert!(jar.set(Cookie::new("a", "b")).is_err());
        jar.get("name").map_or(String::new(), |cookie| cookie.value().to_owned())
    }

    fn read_later() {
        let error = with_after::try_headers().expect_err("the request is gone");
        assert!(error.is_in_component_task());
    }

    let mut scope = TestScope::new().cookie("name", "Ada");
    assert_eq!(scope.run(page()).await, "Ada");
    let report = scope.finish().await;
    assert_eq!(report.tasks()[0].failure(), None);
    assert!(report.set_cookies().is_empty());
}

#[tokio::test]
async fn options_and_memo_are_those_of_a_request() {
    #[cache(skip(log))]
    async fn load(log: &Log) -> usize {
        log.add("loaded");
        log.entries().len()
    }

    let log = Log::default();
    let mut scope = TestScope::new();
    let handlers_log = log.clone();
    scope
        .run(async move {
            load(&handlers_log).await;
            task("mail").schedule(|| ());
            task("mail").unique().schedule(async move {
                load(&handlers_log).await;
            });
            task("reminder").schedule(|| ());
            assert!(Scope::current().expect("the test opened it").cancel("reminder"));
        })
        .await;
    let names: Vec<_> = scope.pending().iter().map(|task| task.name().to_owned()).collect();
    assert_eq!(names, ["mail"]);
    scope.finish().await;
    assert_eq!(log.entries(), ["loaded"]);
}

#[tokio::test]
async fn a_scope_that_is_dropped_abandons_its_tasks_and_leaves_nothing_behind() {
    let log = Log::default();
    let mut scope = TestScope::new();
    let task_log = log.clone();
    scope.run(async move { after(move || task_log.add("ran")) }).await;
    drop(scope);
    assert_eq!(log.entries(), [""; 0]);
    assert!(try_after(|| ()).expect_err("there is no scope").is_outside_scope());
}
