//! Clients that go away at random points cost no task, and no task runs twice.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
};

use axum::{Router, body::Body, extract::Path, routing::get};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::Method;
use http_body_util::BodyExt as _;
use tokio::{
    io::AsyncReadExt as _,
    task::{JoinSet, yield_now},
};
use with_after::{AfterLayer, after};

use crate::{
    serve_support::{Running, patiently},
    support::{
        client::{Client, raw, request},
        server::Version,
    },
};

const SEED: u64 = 0x5eed_0af7_e12a_b047;
const REQUESTS: usize = 2_000;
const CONNECTIONS: u64 = 32;
const CHUNK: usize = 4 << 10;
const CHUNKS: usize = 16;

/// Marsaglia's xorshift: the same points in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("the limit is one")
    }
}

#[derive(Default)]
struct Counts {
    scheduled: AtomicU32,
    ran: AtomicU32,
}

async fn handler(number: usize, counts: Arc<[Counts]>) -> Body {
    patience(number % 5).await;
    let tasks = Arc::clone(&counts);
    after(async move {
        yield_now().await;
        tasks[number].ran.fetch_add(1, Ordering::Relaxed);
    });
    counts[number].scheduled.fetch_add(1, Ordering::Relaxed);
    patience(number % 7).await;
    if number.is_multiple_of(2) {
        return Body::from(vec![0; CHUNKS * CHUNK]);
    }
    let chunk = Bytes::from(vec![0; CHUNK]);
    Body::from_stream(stream::iter(vec![chunk; CHUNKS]).then(async |chunk| {
        yield_now().await;
        Ok::<_, std::convert::Infallible>(chunk)
    }))
}

/// Goes away after some bytes were sent, and perhaps some read.
async fn http1(address: SocketAddr, number: usize, random: &mut Random) {
    let request = format!("GET /{number} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let sent = match random.below(4) {
        0 => random.below(request.len()),
        _ => request.len(),
    };
    let mut client = raw(address, &request[..sent]).await;
    patience(random.below(20)).await;
    if sent == request.len() {
        let mut buffer = vec![0; random.below(CHUNKS * CHUNK)];
        patiently(client.read_exact(&mut buffer)).await.expect("there is more");
    }
}

/// Resets some of the streams, then goes away.
async fn http2(address: SocketAddr, numbers: [usize; 3], random: &mut Random) {
    let mut client = Client::connect(address, Version::Http2).await;
    for number in numbers {
        let response = client.send(request(Method::GET, &format!("/{number}")));
        let response = tokio::select! {
            response = response => response.expect("the head comes"),
            () = patience(random.below(40)) => continue,
        };
        let mut body = response.into_body();
        for _ in 0..random.below(4) {
            drop(patiently(body.frame()).await);
        }
    }
    client.close();
}

async fn patience(turns: usize) {
    for _ in 0..turns {
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tasks_of_aborted_requests_run_once() {
    let counts: Arc<[Counts]> = (0..REQUESTS).map(|_| Counts::default()).collect();
    let shared = Arc::clone(&counts);
    let app = Router::new().route(
        "/{number}",
        get(async move |Path(number): Path<usize>| handler(number, shared).await),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let next = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for connection in 1..=CONNECTIONS {
        let next = Arc::clone(&next);
        let mut random = Random(SEED.wrapping_mul(connection));
        clients.spawn(async move {
            loop {
                let number = next.fetch_add(4, Ordering::Relaxed);
                if number >= REQUESTS {
                    return;
                }
                http1(address, number, &mut random).await;
                http2(address, [number + 1, number + 2, number + 3], &mut random).await;
            }
        });
    }
    clients.join_all().await;

    let report = server.stop().await;
    assert!(report.is_complete() && report.failed() == 0, "{report}");

    let read = |count: &AtomicU32| count.load(Ordering::Relaxed);
    let pairs = || counts.iter().map(|counts| (read(&counts.scheduled), read(&counts.ran)));
    let wrong: Vec<_> =
        pairs().enumerate().filter(|(_, (scheduled, ran))| scheduled != ran).collect();
    assert!(wrong.is_empty(), "scheduled, but not run as often: {wrong:?}");
    let scheduled = pairs().filter(|(scheduled, _)| *scheduled == 1).count();
    assert!(scheduled > REQUESTS / 4, "the clients gave too few handlers a chance: {scheduled}");
}
