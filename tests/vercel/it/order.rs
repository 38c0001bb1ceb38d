//! The response is sent, then tasks run, then the invocation ends.

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::function::{Function, within};

#[tokio::test]
async fn the_response_is_sent_then_tasks_run_then_the_invocation_ends() {
    for which in ["axum", "service", "axum by VercelLayer"] {
        let mut function = Function::start(which).await;
        for id in 0..3 {
            let answer = function.fetch("POST", "/orders", id).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.contains("set-cookie: ordered=yes"), "{answer}");
            assert!(answer.ends_with("ordered"), "{answer}");

            let first = function.told("first test 200 Completed").await;
            let second = function.told("second").await;
            drop(second);
            assert!(function.is_quiet(), "{which}: it has not ended while a task runs");
            drop(first);
            let nested = function.told("nested").await;
            assert!(function.is_quiet(), "{which}: nested tasks count too");
            drop(nested);
            function.ended(id).await;
        }
    }
}

#[tokio::test]
async fn invocations_do_not_wait_for_the_tasks_of_each_other() {
    let mut function = Function::start("axum").await;
    function.fetch("POST", "/orders", 1).await;
    let first = function.told("first test 200 Completed").await;
    drop(function.told("second").await);
    let answer = function.fetch("GET", "/nothing", 2).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    function.ended(2).await;
    drop(first);
    drop(function.told("nested").await);
    function.ended(1).await;
}

#[tokio::test]
async fn what_a_streamed_body_schedules_keeps_the_invocation_open() {
    let mut function = Function::start("axum").await;
    let mut answer = BufReader::new(function.invoke("GET", "/stream", 7).await);
    let gate = function.told("gate").await;
    let mut read = String::new();
    while !read.contains("chunk;") {
        within(answer.read_line(&mut read)).await.expect("it is text");
    }
    assert!(function.is_quiet(), "it has not ended while the response is sent");
    drop(gate);
    within(answer.read_to_string(&mut read)).await.expect("it is text");
    assert_eq!(read.matches("chunk;").count(), 2, "{read}");

    let told = function.told("12 bytes Completed").await;
    assert!(function.is_quiet(), "it has not ended while a task runs");
    drop(told);
    function.ended(7).await;
}

#[tokio::test]
async fn tasks_of_what_fails_run_too() {
    let mut function = Function::start("service").await;
    let answer = function.fetch("GET", "/nothing", 1).await;
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    let told = function.told("failed Some(500)").await;
    assert!(function.is_quiet());
    drop(told);
    function.ended(1).await;
}

/// The runtime ends no invocation whose handler has panicked, but its tasks run.
#[tokio::test]
async fn tasks_of_what_panics_run_too() {
    let mut function = Function::start("axum").await;
    let mut stream = function.invoke("GET", "/panicking", 1).await;
    assert_eq!(within(stream.read(&mut [0])).await.expect("it is closed"), 0);
    drop(function.told("Panicked").await);
}

#[tokio::test]
async fn work_that_is_scheduled_by_what_was_spawned_is_waited_for() {
    let mut function = Function::start("axum").await;
    function.fetch("GET", "/late", 1).await;
    drop(function.told("spawned").await);
    let late = function.told("late").await;
    assert!(function.is_quiet());
    drop(late);
    function.ended(1).await;
}

#[tokio::test]
async fn a_task_is_cut_at_its_deadline_and_the_invocation_ends() {
    let mut function = Function::start("axum").await;
    function.fetch("GET", "/hanging", 1).await;
    drop(function.told("limited").await);
    let line = function.line().await;
    assert!(line.contains("task `hanging`") && line.contains("timed out"), "{line}");
    function.ended(1).await;
}

#[tokio::test]
async fn a_function_that_does_not_wait_for_its_work_is_refused_to_schedule_any() {
    let mut function = Function::start("without").await;
    let answer = function.fetch("GET", "/refused", 1).await;
    assert!(answer.contains("Vercel freezes the process"), "{answer}");
    assert!(answer.contains("with_after::vercel::function"), "{answer}");
    function.ended(1).await;

    let function = Function::start("axum").await;
    let answer = function.fetch("GET", "/refused", 1).await;
    assert!(answer.ends_with("scheduled"), "{answer}");
}
