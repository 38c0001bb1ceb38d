//! Signals stop a server: seen from another process.

use std::os::unix::process::ExitStatusExt as _;

use tokio::io::AsyncWriteExt as _;

use crate::{
    serve_process::{Process, a_moment_later, line},
    serve_support::refused,
    support::client::{raw, read_until},
};

#[tokio::test]
async fn sigterm_finishes_requests_and_tasks_and_names_what_it_abandons() {
    let mut server = Process::start(&["4"]).await;
    server.get("/second").await;
    server.get("/nested").await;
    server.get("/hanging").await;
    let half = "POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhello";
    let mut in_flight = raw(server.address, half).await;
    assert_eq!(line(&mut server.lines).await.as_deref(), Some("echo begun"));

    server.signal("TERM").await;
    refused(server.address).await;
    in_flight.write_all(b"world").await.expect("the request is still read");
    assert!(read_until(&mut in_flight, "helloworld").await.starts_with("HTTP/1.1 200"));

    let (status, mut printed) = server.end().await;
    assert_eq!(status.code(), Some(0));
    let abandoned = printed.pop().expect("it prints a report");
    assert!(abandoned.starts_with("  abandoned: `hanging` ("), "{abandoned}");
    assert!(abandoned.contains("bin/stoppable.rs:"), "{abandoned}");
    assert!(abandoned.contains("), scheduled ") && abandoned.ends_with(" ago"), "{abandoned}");
    let summary = printed.pop().expect("it prints a report");
    assert!(summary.starts_with("drained in "), "{summary}");
    assert!(summary.ends_with(": 4 completed, 0 failed, 1 abandoned"), "{summary}");
    printed.sort_unstable();
    assert_eq!(printed, ["echo ended", "inner ended", "second ended"]);
}

#[tokio::test]
async fn a_signal_ends_a_server_that_has_nothing_to_do() {
    for signal in ["TERM", "INT"] {
        let server = Process::start(&["86400"]).await;
        server.get("/nested").await;
        server.signal(signal).await;
        let (status, printed) = server.end().await;
        assert_eq!(status.code(), Some(0), "{signal}: {printed:?}");
        let [inner, summary] = &printed[..] else { panic!("{signal}: {printed:?}") };
        assert_eq!(inner, "inner ended");
        assert!(summary.ends_with(": 2 completed, 0 failed, 0 abandoned"), "{summary}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_drain_at_once() {
    for [first, second] in [["TERM", "TERM"], ["INT", "INT"], ["TERM", "INT"]] {
        let server = Process::start(&["86400"]).await;
        server.get("/hanging").await;
        server.signal(first).await;
        refused(server.address).await;
        a_moment_later().await;
        server.signal(second).await;
        let (status, printed) = server.end().await;
        assert_eq!(status.code(), Some(0), "{printed:?}");
        assert!(printed[0].ends_with(": 0 completed, 0 failed, 1 abandoned"), "{printed:?}");
        assert!(printed[1].starts_with("  abandoned: `hanging` ("), "{printed:?}");
    }
}

#[tokio::test]
async fn signals_of_one_moment_are_one() {
    let mut server = Process::start(&["86400"]).await;
    let half = "POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhello";
    let mut in_flight = raw(server.address, half).await;
    assert_eq!(line(&mut server.lines).await.as_deref(), Some("echo begun"));
    server.signal("INT").await;
    server.signal("TERM").await;
    server.signal("INT").await;
    a_moment_later().await;
    in_flight.write_all(b"world").await.expect("the request is still read");
    assert!(read_until(&mut in_flight, "helloworld").await.starts_with("HTTP/1.1 200"));
    let (status, printed) = server.end().await;
    assert_eq!(status.code(), Some(0), "{printed:?}");
    let report = printed.last().expect("it prints a report");
    assert!(report.ends_with(" completed, 0 failed, 0 abandoned"), "{printed:?}");
}

#[tokio::test]
async fn a_second_signal_ends_the_requests_in_flight() {
    let mut server = Process::start(&["86400"]).await;
    let half = "POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nhello";
    let _in_flight = raw(server.address, half).await;
    assert_eq!(line(&mut server.lines).await.as_deref(), Some("echo begun"));
    server.signal("TERM").await;
    refused(server.address).await;
    a_moment_later().await;
    server.signal("TERM").await;
    let (status, printed) = server.end().await;
    assert_eq!(status.code(), Some(0), "{printed:?}");
    assert!(printed[0].ends_with(": 0 completed, 0 failed, 1 abandoned"), "{printed:?}");
}

#[tokio::test]
async fn a_server_with_a_shutdown_of_its_own_leaves_signals_alone() {
    let server = Process::start(&["86400", "deaf"]).await;
    server.get("/hanging").await;
    server.signal("TERM").await;
    let (status, printed) = server.end().await;
    assert_eq!((status.signal(), printed.len()), (Some(15), 0), "{printed:?}");
}

/// Process 1 of a container has no default handlers: a signal that it does not ask for is ignored.
#[tokio::test]
async fn a_server_that_is_process_1_drains_on_sigterm() {
    let Some(server) = Process::start_as_process_1(&["86400"]).await else {
        #[expect(clippy::print_stderr, reason = "says that nothing was tested")]
        {
            eprintln!("skipped: no process may be started as process 1 here (`unshare --pid`)");
        }
        return;
    };
    server.get("/nested").await;
    server.signal("TERM").await;
    let (status, printed) = server.end().await;
    assert!(status.success(), "{printed:?}");
    let report = printed.last().expect("it prints a report");
    assert!(report.ends_with(" completed, 0 failed, 0 abandoned"), "{printed:?}");
}
