//! Workers inside the service: they start after the response, and end with the server.

use std::time::Duration;

use axum::{Router, extract::State, routing::post};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use with_after::{AfterLayer, after, platform::DrainReport, serve, with_after};
use with_after_jobs::{JobState, Jobs, Sqlite};

use crate::support::{
    Running,
    engines::sqlite,
    list, quick,
    seen::{Seen, wait},
    until, within,
};

#[with_after(route)]
async fn handler(State((jobs, seen)): State<(Jobs<Sqlite>, Seen)>) -> &'static str {
    jobs.enqueue(wait("job".into())).await.unwrap();
    assert_eq!(list(&jobs, JobState::Pending).await.len(), 1, "it is held");
    seen.tell("handler");
    after(move || seen.tell("task"));
    "hello"
}

struct Server {
    address: String,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<DrainReport>>,
}

async fn start(jobs: &Jobs<Sqlite>, seen: &Seen, drain_within: Duration) -> Server {
    let state = (jobs.clone(), seen.clone());
    let app = Router::new().route("/", post(handler)).with_state(state).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let workers = quick(jobs).job::<wait>().state(seen.clone()).build().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, app)
        .alongside(|stop| workers.run_until(stop))
        .drain_within(drain_within)
        .shutdown_on(async { drop(stopped.await) });
    Server { address, stop, ended: tokio::spawn(server.into_future()) }
}

async fn request(address: &str) -> String {
    let mut client = TcpStream::connect(address).await.unwrap();
    let request = "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    within(client.read_to_string(&mut answer)).await.unwrap();
    answer
}

#[tokio::test]
async fn a_job_starts_after_the_response_and_the_drain_waits_for_it() {
    let (jobs, _folder) = sqlite().await;
    let seen = Seen::new();
    let server = start(&jobs, &seen, Duration::from_secs(20)).await;
    assert!(request(&server.address).await.ends_with("hello"));
    assert_eq!(seen.next().await, "handler");
    let mut next = [seen.next().await, seen.next().await];
    next.sort();
    assert_eq!(next, ["job begins", "task"]);

    drop(server.stop);
    assert!(!server.ended.is_finished());
    seen.gate.add_permits(1);
    drop(within(server.ended).await.unwrap().unwrap());
    assert_eq!(seen.next().await, "job ends");
    assert_eq!(list(&jobs, JobState::Done).await.len(), 1);
}

#[tokio::test]
async fn a_job_that_outlasts_the_drain_is_run_again_by_others() {
    let (jobs, _folder) = sqlite().await;
    let seen = Seen::new();
    let server = start(&jobs, &seen, Duration::from_millis(200)).await;
    request(&server.address).await;
    while seen.next().await != "job begins" {}
    drop(server.stop);
    drop(within(server.ended).await.unwrap().unwrap());
    assert_eq!(list(&jobs, JobState::Running).await.len(), 1);

    let workers = quick(&jobs).job::<wait>().state(seen.clone()).build().unwrap();
    let workers = Running::start(workers);
    while seen.next().await != "job begins" {}
    seen.gate.add_permits(1);
    until(&jobs, JobState::Done, 1).await;
    workers.stop().await;
}
