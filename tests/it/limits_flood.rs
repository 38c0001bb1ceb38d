//! Memory under a flood of requests whose tasks are stuck.

use std::{
    env, fs,
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
};
use with_after::{AfterLayer, Cause, after};

use crate::serve_support::{Running, patiently};

/// Twice the default limit of a process.
const REQUESTS: usize = 200_000;
const LIMIT: usize = 100_000;
const CONNECTIONS: usize = 4;
/// How many requests are sent before their responses are read.
const PIPELINED: usize = 50;

const KIB_PER_TASK: usize = 6;
const KIB_BEYOND_THE_LIMIT: usize = 16 << 10;

#[test]
#[expect(clippy::print_stderr, reason = "the figures are worth reading")]
fn memory_stays_flat_when_200_000_requests_wait_for_a_stuck_downstream() {
    if resident().is_none() {
        return eprintln!("skipped: there is no /proc/self/status to read the memory from");
    }
    let child = Command::new(env::current_exe().expect("tests are a program"))
        .args(["limits_flood::in_a_process_of_its_own", "--exact", "--ignored", "--nocapture"])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&child.stderr);
    eprintln!("{said}");
    let status = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && status.contains("1 passed"), "{status}{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, in a process of its own"]
#[expect(clippy::print_stderr, reason = "the test above shows it")]
async fn in_a_process_of_its_own() {
    let (ended, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (downstream, hooks_refused) = (Arc::new(Semaphore::new(0)), Arc::clone(&refused));
    let layer = AfterLayer::new().on_failure(move |failure| {
        assert!(matches!(failure.cause(), Cause::NotScheduled(_)), "{failure}");
        hooks_refused.fetch_add(1, Ordering::Relaxed);
    });
    let (stuck, tasks_ended) = (Arc::clone(&downstream), Arc::clone(&ended));
    let handler = async move || {
        after(async move {
            // It fails when the downstream closes.
            drop(stuck.acquire().await);
            tasks_ended.fetch_add(1, Ordering::Relaxed);
        });
        "hello"
    };
    let app = Router::new().route("/", get(handler)).layer(layer);
    let (server, address) = Running::start(app).await;

    let before = resident().expect("it was there before");
    flood(address, LIMIT).await;
    let full = resident().expect("it was there before");
    flood(address, REQUESTS - LIMIT).await;
    let flooded = resident().expect("it was there before");
    eprintln!(
        "resident before: {before} KiB; with {LIMIT} tasks that wait: {full} KiB, {} bytes each; \
         after {} more requests: {flooded} KiB",
        (full - before) * 1024 / LIMIT,
        REQUESTS - LIMIT,
    );
    assert_eq!(refused.load(Ordering::Relaxed), REQUESTS - LIMIT, "each is reported");
    assert_eq!(ended.load(Ordering::Relaxed), 0);
    assert!(full < before + LIMIT * KIB_PER_TASK);
    assert!(flooded < full + KIB_BEYOND_THE_LIMIT);

    // The downstream comes back.
    downstream.close();
    let report = patiently(server.begin_to_stop()).await.expect("it runs").expect("it listens");
    assert!(report.is_complete(), "{report}");
    assert_eq!(ended.load(Ordering::Relaxed), LIMIT, "each that was admitted runs");
}

/// Sends so many requests over keep-alive connections, and expects as many good responses.
async fn flood(address: SocketAddr, requests: usize) {
    let mut clients = JoinSet::new();
    for _ in 0..CONNECTIONS {
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("it listens");
            let one = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let all = one.repeat(PIPELINED);
            stream.write_all(one).await.expect("it reads");
            // All are of one length.
            let mut response = vec![0; 1024];
            let length = stream.read(&mut response).await.expect("it answers");
            assert!(response[..length].ends_with(b"hello"), "the response comes in one part");
            response.truncate(length);
            let mut responses = vec![0; length * PIPELINED];
            for _ in 0..(requests / CONNECTIONS - 1) / PIPELINED {
                stream.write_all(&all).await.expect("it reads");
                stream.read_exact(&mut responses).await.expect("it answers");
                let good = responses.chunks(length).filter(|one| one.starts_with(b"HTTP/1.1 200"));
                assert_eq!(good.count(), PIPELINED);
            }
            for _ in 0..(requests / CONNECTIONS - 1) % PIPELINED {
                stream.write_all(one).await.expect("it reads");
                stream.read_exact(&mut response).await.expect("it answers");
                assert!(response.starts_with(b"HTTP/1.1 200"));
            }
        });
    }
    patiently(clients.join_all()).await;
}

/// Returns the resident memory of this process in KiB.
fn resident() -> Option<usize> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
