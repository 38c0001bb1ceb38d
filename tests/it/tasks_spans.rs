//! The spans of tasks.

use std::future::ready;

use tracing::{Instrument as _, Level, info, info_span};
use with_after::{RunOn, Scope, after, task, with_after};

use crate::support::{
    fmt::fmt_log,
    platform::{Recording, call, finish},
    traces::{EventLog, Traces},
};

#[tokio::test]
async fn a_task_runs_in_a_span_that_follows_from_the_one_current_at_after() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        async {
            task("it").schedule(async {
                info!("first");
                tokio::task::yield_now().await;
                info!("second");
            });
        }
        .instrument(info_span!("request"))
    })
    .await;

    platform.drain().await;
    let [span] = &traces.spans("after")[..] else { panic!("{traces:?}") };
    assert_eq!(span.follows, ["request"]);
    assert!(!span.has_parent, "it is no child, which would hold its parent open");
    assert!(span.closed);
    for event in traces.events(Level::INFO) {
        assert!(
            event.span.as_deref().is_some_and(|span| span.contains("task=\"it\"")),
            "{event:?}"
        );
    }
    assert_eq!(traces.events(Level::INFO).len(), 2);
}

#[tokio::test]
async fn a_waiting_task_does_not_hold_the_requests_span_open() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    let response =
        call(platform.layer(), |_| async { after(|| ()) }.instrument(info_span!("request"))).await;

    let [request] = &traces.spans("request")[..] else { panic!("{traces:?}") };
    assert!(request.closed);
    assert!(!traces.spans("after")[0].closed, "the task still waits");
    drop(response);
    platform.drain().await;
    assert!(traces.spans("after")[0].closed);
}

#[tokio::test]
async fn a_span_carries_name_location_kind_wait_and_run_time() {
    #[with_after(server_fn)]
    async fn order() {
        after(|| ());
        task("receipt").schedule(|| Err::<(), _>("no paper"));
    }

    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| order()).await;

    platform.drain().await;
    let [unnamed, receipt] = &traces.spans("after")[..] else { panic!("{traces:?}") };
    for (span, name) in [(unnamed, "order"), (receipt, "receipt")] {
        for field in [
            format!("task=\"{name}\" "),
            "location=tests/it/tasks_spans.rs:".to_owned(),
            "kind=server_fn ".to_owned(),
            "queue_wait_ms=".to_owned(),
            "run_time_ms=".to_owned(),
        ] {
            assert!(span.fields.contains(&field), "{field} is missing in {}", span.fields);
        }
    }
}

#[tokio::test]
async fn a_nested_task_follows_from_the_task_that_scheduled_it() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("outer").schedule(|| task("nested").schedule(|| ()));
        ready(())
    })
    .await;

    platform.drain().await;
    let [outer, nested] = &traces.spans("after")[..] else { panic!("{traces:?}") };
    assert_eq!(outer.follows, [""; 0], "no span was current in the handler");
    assert_eq!(nested.follows, ["after"]);
    assert!(nested.fields.contains("task=\"nested\""));
}

#[tokio::test]
async fn each_end_is_an_event_in_the_tasks_span() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("good").schedule(|| ());
        task("bad").schedule(|| Err::<(), _>("no disk"));
        task("idle").run_on(RunOn::Failure).schedule(|| ());
        task("gone").schedule(|| ());
        assert!(Scope::current().expect("the layer opened it").cancel("gone"));
        ready(())
    })
    .await;

    platform.drain().await;
    let expected = [
        ("good", Level::DEBUG, "message=task completed"),
        ("idle", Level::DEBUG, "message=task skipped"),
        ("gone", Level::DEBUG, "message=task skipped"),
        ("bad", Level::ERROR, "message=task failed"),
    ];
    for (name, level, message) in expected {
        let name = format!("task=\"{name}\"");
        let in_span = |event: &EventLog| {
            event.span.as_deref().is_some_and(|span| {
                span.contains(&name) && span.contains("location=tests/it/tasks_spans.rs:")
            })
        };
        let events: Vec<_> = traces.events(level).into_iter().filter(in_span).collect();
        let [event] = &events[..] else { panic!("{name}: {traces:?}") };
        assert!(event.text.contains(message), "{event:?}");
        // The span tells them.
        for field in ["task=", "location=", "kind="] {
            assert!(!event.text.contains(field), "{event:?}");
        }
    }
    assert!(traces.events(Level::ERROR)[0].text.contains("cause=failed: no disk"));
}

#[tokio::test]
async fn the_report_of_an_abandoned_task_is_in_its_span() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("running").schedule(std::future::pending::<()>());
        ready(())
    })
    .await;
    let response = call(platform.layer(), |_| {
        task("waiting").schedule(|| ());
        ready(())
    })
    .await;
    tokio::task::yield_now().await;
    let report = platform.in_process.drain(std::time::Duration::ZERO).await;
    drop(response);

    assert_eq!(report.abandoned().len(), 2);
    let errors = traces.events(Level::ERROR);
    assert_eq!(errors.len(), 2);
    for (event, name) in errors.iter().zip(["running", "waiting"]) {
        let span = event.span.as_deref().unwrap_or("no span");
        assert!(span.contains(&format!("task=\"{name}\"")), "{event:?}");
    }
}

#[tokio::test]
async fn an_event_without_a_span_tells_which_task_it_is_of() {
    let (log, _guard) = fmt_log("error");
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        task("bad").schedule(|| Err::<(), _>("no disk"));
        ready(())
    })
    .await;

    platform.drain().await;
    let lines = log.lines();
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(
        line.starts_with("ERROR with_after: task failed task=\"bad\" location=tests/it/"),
        "{line}"
    );
    assert!(line.ends_with(" cause=failed: no disk"), "{line}");
}

#[tokio::test]
async fn numbers_in_spans_have_three_decimals() {
    let (traces, _guard) = Traces::collect();
    let platform = Recording::default();
    finish(platform.layer(), |_| {
        after(|| ());
        ready(())
    })
    .await;

    platform.drain().await;
    let span = &traces.spans("after")[0];
    for field in ["queue_wait_ms=", "run_time_ms="] {
        let (_, number) = span.fields.split_once(field).expect("it is recorded");
        let number = number.split(' ').next().expect("it ends");
        let decimals = number.split_once('.').map_or("", |(_, decimals)| decimals);
        assert!(decimals.len() <= 3, "{field}{number}");
    }
}
