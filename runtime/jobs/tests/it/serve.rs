//! Workers inside the service: they start after the response, and end with the server.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    routing::{get, post},
};
use riverqueue::JobState;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tower::ServiceExt as _;
use with_after::{AfterLayer, after, platform::DrainReport, serve, testing::TestScope, with_after};
use with_after_jobs::{Jobs, riverqueue};

use crate::support::{
    Running,
    engines::{Engine, Pool, on_each_engine},
    list, quick,
    seen::{Seen, wait},
    until, within,
};

on_each_engine!(
    a_job_starts_after_the_response_and_the_drain_waits_for_it,
    a_job_that_outlasts_its_workers_is_given_back,
    a_scope_for_tests_releases_jobs_too,
);

#[with_after(route)]
async fn handler(State((jobs, seen)): State<(Jobs, Seen)>) -> &'static str {
    jobs.enqueue(wait("job".into())).await.unwrap();
    assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), 1, "it is held");
    seen.tell("handler");
    after(move || seen.tell("task"));
    "hello"
}

struct Server {
    address: String,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<DrainReport>>,
}

async fn start(jobs: &Jobs, seen: &Seen) -> Server {
    let state = (jobs.clone(), seen.clone());
    let app = Router::new().route("/", post(handler)).with_state(state).layer(AfterLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let workers = jobs.clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(listener, app)
        .alongside(move |stop| workers.run_until(stop))
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

async fn a_job_starts_after_the_response_and_the_drain_waits_for_it(engine: Engine) {
    let seen = Seen::new();
    let jobs = quick(&engine).job::<wait>().state(seen.clone()).build().unwrap();
    let server = start(&jobs, &seen).await;
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
    assert_eq!(list(jobs.client(), JobState::Completed).await.len(), 1);
}

async fn a_job_that_outlasts_its_workers_is_given_back(engine: Engine) {
    let seen = Seen::new();
    let failures = seen.clone();
    let builder = quick(&engine).job::<wait>().state(seen.clone());
    let builder = builder.on_failure(move |failure| failures.tell(failure.text()));
    let jobs = builder.drain_within(Duration::from_millis(300)).build().unwrap();
    let server = start(&jobs, &seen).await;
    request(&server.address).await;
    while seen.next().await != "job begins" {}
    drop(server.stop);
    drop(within(server.ended).await.unwrap().unwrap());
    let given_back = list(jobs.client(), JobState::Available).await.remove(0);
    assert_eq!(given_back.attempt, 0, "it does not count");
    assert!(given_back.errors.is_empty());
    assert_eq!(seen.all().last().unwrap(), "was abandoned at shutdown");

    let workers = Running::start(&jobs);
    while seen.next().await != "job begins" {}
    seen.gate.add_permits(1);
    until(jobs.client(), JobState::Completed, 1).await;
    workers.stop().await;
}

async fn a_scope_for_tests_releases_jobs_too(engine: Engine) {
    let jobs = quick(&engine).build().unwrap();
    let mut scope = TestScope::new();
    scope.run(async { drop(jobs.enqueue(wait("job".into())).await.unwrap()) }).await;
    assert_eq!(list(jobs.client(), JobState::Scheduled).await.len(), 1);
    scope.finish().await;
    assert_eq!(list(jobs.client(), JobState::Available).await.len(), 1);
}

#[tokio::test]
async fn a_release_that_fails_names_the_place_of_the_call() {
    let engine = Engine::sqlite().await;
    let jobs = quick(&engine).build().unwrap();
    let (told, mut failures) = mpsc::unbounded_channel();
    let layer = AfterLayer::new().on_failure(move |failure| {
        told.send(failure.to_string()).unwrap();
    });
    let line = line!() + 1;
    let handler = async move || drop(jobs.enqueue(wait("job".into())).await.unwrap());
    let app = Router::new().route("/", get(handler)).layer(layer);
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let Pool::Sqlite(pool) = &engine.pool else { panic!("it is one of SQLite") };
    pool.close().await;
    drop(response);

    let failure = within(failures.recv()).await.unwrap();
    let place = format!("task `release of jobs` (runtime/jobs/tests/it/serve.rs:{line}:");
    assert!(failure.starts_with(&place), "{failure}");
    assert!(failure.contains("held jobs start only when their hold is over"), "{failure}");
}
