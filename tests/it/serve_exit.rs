//! How a process ends whose tasks hold a thread for good: seen from another process.

use crate::{
    serve_process::{Process, a_moment_later},
    serve_support::refused,
};

#[tokio::test]
async fn a_report_ends_the_process_though_a_task_holds_a_thread() {
    let server = Process::start(&["1", "exit"]).await;
    server.get("/blocking").await;
    server.signal("TERM").await;
    let (status, printed) = server.end().await;
    assert_eq!(status.code(), Some(1), "{printed:?}");
    assert!(printed[0].ends_with(": 0 completed, 0 failed, 1 abandoned"), "{printed:?}");
    assert!(printed[1].starts_with("  abandoned: `blocking` ("), "{printed:?}");
}

#[tokio::test]
async fn a_second_signal_ends_the_process_though_a_task_holds_a_thread() {
    let server = Process::start(&["86400", "exit"]).await;
    server.get("/blocking").await;
    server.signal("TERM").await;
    refused(server.address).await;
    a_moment_later().await;
    server.signal("INT").await;
    let (status, printed) = server.end().await;
    assert_eq!(status.code(), Some(1), "{printed:?}");
    assert!(printed[0].ends_with(": 0 completed, 0 failed, 1 abandoned"), "{printed:?}");
}

#[tokio::test]
async fn a_report_without_abandoned_tasks_is_the_exit_code_0() {
    let server = Process::start(&["86400", "exit"]).await;
    server.get("/nested").await;
    server.signal("TERM").await;
    let (status, printed) = server.end().await;
    assert_eq!(status.code(), Some(0), "{printed:?}");
}
