//! Jobs on the page of an inspector.

use std::net::SocketAddr;

use riverqueue::JobState;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use with_after::inspector::Inspector;
use with_after_jobs::riverqueue::{self, InsertOpts};

use crate::support::{
    Running,
    engines::{Engine, on_each_engine},
    quick,
    seen::{Seen, fail},
    until, within,
};

on_each_engine!(jobs_are_listed_with_their_errors_and_retried_and_cancelled);

async fn jobs_are_listed_with_their_errors_and_retried_and_cancelled(engine: Engine) {
    let jobs = quick(&engine).job::<fail>().state(Seen::new()).build().unwrap();
    let inspector = Inspector::builder().allow_job_control().build();
    inspector.jobs(jobs.clone());
    let address = inspector.listen("127.0.0.1:0").await.unwrap();

    let workers = Running::start(&jobs);
    let once = InsertOpts::default().with_max_attempts(1);
    let id = jobs.enqueue(fail(9)).opts(once).await.unwrap().id();
    until(jobs.client(), JobState::Discarded, 1).await;
    workers.stop().await;

    let (status, listed) = ask(address, "GET", "/jobs?state=discarded").await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(status, 200);
    let job = &listed[0];
    assert_eq!(
        (&job["id"], &job["name"], &job["state"]),
        (&json!(id), &json!("fail"), &json!("discarded"))
    );
    assert_eq!((&job["attempt"], &job["max_attempts"]), (&json!(1), &json!(1)));
    assert!(job["errors"][0]["error"].as_str().is_some_and(|it| it.contains("failure 1")), "{job}");
    assert!(job["finished"].as_i64() > Some(1_700_000_000_000), "{job}");
    assert!(!listed.to_string().contains("args"), "{listed}");
    assert_eq!(ask(address, "GET", "/jobs?state=running").await.1, "[]");
    assert_eq!(ask(address, "GET", "/jobs?state=other").await.0, 502);

    assert_eq!(ask(address, "POST", &format!("/jobs/{id}/retry")).await.0, 204);
    until(jobs.client(), JobState::Available, 1).await;
    assert_eq!(ask(address, "POST", &format!("/jobs/{id}/cancel")).await.0, 204);
    until(jobs.client(), JobState::Cancelled, 1).await;
    assert_eq!(ask(address, "POST", "/jobs/999999/cancel").await.0, 502);
}

/// Asks the inspector; returns the status and the body.
async fn ask(address: SocketAddr, method: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nx-with-after-inspector: test\r\n\
         connection: close\r\ncontent-length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}
