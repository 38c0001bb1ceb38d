//! Times that are too long to add, and runtimes that have no time.

use std::{
    future::{pending, ready},
    time::Duration,
};

use axum::{Router, routing::get};
use tokio::{runtime, sync::mpsc::unbounded_channel, task::yield_now, time::sleep};
use with_after::{
    AfterLayer, after, deadline, platform::InProcess, run, task, testing::TestScope, with_after,
};

use crate::{
    serve_support::Running,
    support::{
        client::get as fetch,
        log::Log,
        platform::{Recording, finish},
        server::listen,
        within,
    },
};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_drain_can_be_granted_all_the_time_there_is() {
    let platform = InProcess::new();
    finish(AfterLayer::with_platform(platform.clone()), |_| {
        after(sleep(5 * SECOND));
        ready(())
    })
    .await;
    let report = platform.drain(Duration::MAX).await;
    assert_eq!((report.completed(), report.elapsed().as_secs()), (1, 5), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_server_can_be_granted_all_the_time_there_is() {
    for time in [Duration::MAX, Duration::MAX / 2] {
        let (listener, address) = listen().await;
        let app = Router::new().route("/", get(async || after(sleep(5 * SECOND))));
        let server = Running::start_on(listener, app.layer(AfterLayer::new()), time);
        fetch(address, "/").await;
        let report = within(server.stop()).await;
        assert_eq!((report.completed(), report.is_complete()), (1, true), "{report}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_can_be_granted_all_the_time_there_is() {
    #[with_after(max_duration = "1000000000h")]
    async fn annotated() {
        task("annotated").schedule(async { sleep(SECOND).await });
    }

    let platform = Recording { max_duration: Some(Duration::MAX), ..Recording::default() };
    finish(platform.layer().max_duration(Duration::MAX), |_| async {
        task("built").max_duration(Duration::MAX).schedule(async {
            assert!(deadline().is_none(), "it is never");
            sleep(SECOND).await;
            task("nested").max_duration(Duration::MAX).schedule(sleep(SECOND));
        });
        annotated().await;
        after(sleep(SECOND));
    })
    .await;
    platform.drain().await;
    let mut ended = platform.ended.entries();
    ended.sort_unstable();
    let expected =
        ["after", "annotated", "built", "nested"].map(|name| format!("{name} completed"));
    assert_eq!(ended, expected);

    let mut scope = TestScope::new().max_duration(Duration::MAX);
    scope.run(async { after(sleep(SECOND)) }).await;
    assert!(scope.finish().await.tasks()[0].is_completed());
}

/// A runtime of which nobody has asked for time.
fn without_time() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_io().build().expect("it has what it needs")
}

#[test]
fn without_a_timer_tasks_with_a_limit_run_beside_others() {
    let platform = Recording { max_duration: Some(SECOND), ..Recording::default() };
    without_time().block_on(async {
        finish(platform.layer(), |_| {
            for name in ["first", "second"] {
                task(name).max_duration(SECOND).schedule(async {
                    yield_now().await;
                    task("nested").schedule(yield_now());
                    yield_now().await;
                });
            }
            task("cut").max_duration(Duration::ZERO).schedule(async {
                for _ in 0..u64::MAX {
                    yield_now().await;
                }
            });
            ready(())
        })
        .await;
        while platform.in_process.pending() > 0 {
            yield_now().await;
        }
    });
    let mut ended = platform.ended.entries();
    ended.sort_unstable();
    let cut = "cut timed out after 0ns";
    let nested = "nested completed";
    assert_eq!(ended, [cut, "first completed", nested, nested, "second completed"]);
}

#[test]
fn without_a_timer_a_run_ends_well() {
    let (log, output) = (Log::default(), unbounded_channel());
    let (sender, mut receiver) = output;
    let returned = without_time().block_on(run(async {
        let tasks_log = log.clone();
        task("waits").max_duration(SECOND).schedule(async move {
            let word = receiver.recv().await.expect("the other one sends");
            tasks_log.add(word);
        });
        task("sends").max_duration(SECOND).schedule(async move {
            yield_now().await;
            sender.send("sent").expect("the first one waits");
        });
        7
    }));
    assert_eq!((returned, log.entries()), (7, vec!["sent".to_owned()]));
}

#[test]
fn without_a_timer_a_server_answers_and_runs_tasks() {
    without_time().block_on(async {
        let (ran, mut runs) = unbounded_channel();
        let handler = async move || {
            task("waits").max_duration(SECOND).schedule(pending::<()>());
            task("runs").max_duration(SECOND).schedule(move || ran.send(()));
        };
        let (listener, address) = listen().await;
        let app = Router::new().route("/", get(handler)).layer(AfterLayer::new());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = fetch_without_a_timer(address);
        let (answer, ran) = tokio::join!(client, runs.recv());
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(ran, Some(()));
    });
}

/// Fetches `/` without a time for it.
async fn fetch_without_a_timer(address: std::net::SocketAddr) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    answer
}
