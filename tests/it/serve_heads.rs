//! Heads of requests that never end.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    routing::{get, post},
};
use http::Method;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::yield_now,
    time::{Instant, pause, resume, sleep, timeout},
};
use with_after::{AfterLayer, after, try_after};

use crate::{
    serve_support::{AGES, Running, refused, report, settle},
    support::{
        client::{Client, raw, read_until, request},
        server::{Version, listen},
    },
};

const HALF: &str = "GET / HTTP/1.1\r\nhost: local";
const SECOND: Duration = Duration::from_secs(1);

fn app() -> Router {
    let echo = async |body: Bytes| body;
    Router::new()
        .route("/", get(async || after(|| ())).post(echo))
        .route("/echo", post(echo))
        .layer(AfterLayer::new())
}

/// Returns after how many seconds `stream` is closed, together with what was read until then.
async fn closed_after(mut stream: impl AsyncRead + Unpin) -> (u64, String) {
    // Time goes on by itself where the server has nothing else to wait for.
    pause();
    let begun = Instant::now();
    let mut read = Vec::new();
    // An error within is a connection that was reset.
    let closed = timeout(AGES, stream.read_to_end(&mut read)).await;
    drop(closed.expect("it is closed some time"));
    let seconds = begun.elapsed().as_secs();
    resume();
    (seconds, String::from_utf8_lossy(&read).into_owned())
}

/// Lets so many seconds pass at once.
async fn later(seconds: u64) {
    pause();
    sleep(Duration::from_secs(seconds)).await;
    resume();
}

/// Stops a server whose one connection has half a head and is `stream`.
async fn stops_at_once(server: Running, stream: TcpStream) {
    settle().await;
    pause();
    let report = server.stop().await;
    resume();
    assert!(report.is_complete() && report.elapsed() < 3 * SECOND, "{report}");
    closed_after(stream).await;
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_after_half_a_minute() {
    let (server, address) = Running::start(app()).await;
    let (seconds, read) = closed_after(raw(address, HALF).await).await;
    assert!((25..=40).contains(&seconds), "{seconds} s");
    assert_eq!(read, "");
    server.end().await;
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_too() {
    let (server, address) = Running::start(app()).await;
    let stream = raw(address, HALF).await;
    let (read, mut write) = stream.into_split();
    tokio::spawn(async move {
        while write.write_all(b"h").await.is_ok() {
            sleep(3 * SECOND).await;
        }
    });
    let (seconds, _) = closed_after(read).await;
    assert!((25..=40).contains(&seconds), "{seconds} s");
    server.end().await;
}

#[tokio::test]
async fn a_later_head_of_a_connection_that_never_ends_is_cut() {
    let (server, address) = Running::start(app()).await;
    let mut stream = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    read_until(&mut stream, "\r\n\r\n").await;
    later(100).await;
    stream.write_all(HALF.as_bytes()).await.expect("the connection is kept");
    let (seconds, _) = closed_after(stream).await;
    assert!((25..=40).contains(&seconds), "{seconds} s");
    server.end().await;
}

#[tokio::test]
async fn an_idle_connection_is_kept() {
    let (server, address) = Running::start(app()).await;
    let mut unused = TcpStream::connect(address).await.expect("it listens");
    for version in [Version::Http1, Version::Http2] {
        let mut client = Client::connect(address, version).await;
        for _ in 0..3 {
            let response = client.fetch(request(Method::GET, "/")).await;
            assert_eq!(response.expect("the connection is kept").status, 200, "{version:?}");
            // A half head of another client has the server look meanwhile.
            closed_after(raw(address, HALF).await).await;
            later(1_000).await;
        }
    }
    unused
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("the connection is kept");
    assert!(read_until(&mut unused, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    server.end().await;
}

#[tokio::test]
async fn a_body_may_take_longer_than_a_head() {
    let (server, address) = Running::start(app()).await;
    let head = "POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 6\r\n\r\n";
    let mut stream = raw(address, head).await;
    for part in ["ab", "cd", "ef"] {
        later(100).await;
        stream.write_all(part.as_bytes()).await.expect("the connection is kept");
    }
    assert!(read_until(&mut stream, "abcdef").await.starts_with("HTTP/1.1 200"));
    server.end().await;
}

#[tokio::test]
async fn half_a_head_does_not_hold_a_stop() {
    for before in ["", "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"] {
        let (listener, address) = listen().await;
        let server = Running::start_on(listener, app(), AGES);
        let mut stream = raw(address, before).await;
        if !before.is_empty() {
            read_until(&mut stream, "\r\n\r\n").await;
        }
        stream.write_all(HALF.as_bytes()).await.expect("it reads");
        stops_at_once(server, stream).await;
    }
}

#[tokio::test]
async fn half_a_head_that_came_with_a_request_does_not_hold_a_stop() {
    let (listener, address) = listen().await;
    let server = Running::start_on(listener, app(), AGES);
    let both = format!("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n{HALF}");
    let mut stream = raw(address, &both).await;
    read_until(&mut stream, "\r\n\r\n").await;
    stops_at_once(server, stream).await;
}

#[tokio::test]
async fn a_response_that_is_still_written_is_not_dropped_with_half_heads() {
    const SIZE: usize = 16 << 20;
    let big = async || {
        drop(try_after(|| ())); // refused where there is no layer
        vec![b'x'; SIZE]
    };
    for layered in [true, false] {
        let app = Router::new().route("/", get(big));
        let app = if layered { app.layer(AfterLayer::new()) } else { app };
        let (listener, address) = listen().await;
        let server = Running::start_on(listener, app, AGES);
        // Its client does not read.
        let mut stream = raw(address, "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        settle().await;
        let stopping = server.begin_to_stop();
        later(10).await;
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.expect("all of it comes");
        assert!(rest.len() + answer.len() >= SIZE, "{}", rest.len());
        drop(report(stopping.await));
    }
}

#[tokio::test]
async fn a_preface_of_http2_that_comes_byte_by_byte_is_no_half_head() {
    let (server, address) = Running::start(app()).await;
    let mut stream = raw(address, "P").await;
    for byte in b"RI * HTTP/2.0\r\n\r\nSM\r\n\r\n" {
        settle().await;
        stream.write_all(&[*byte]).await.expect("it reads");
    }
    // An empty SETTINGS frame, and silence.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.expect("it reads");
    settle().await;
    later(1_000).await;
    // PING (RFC 9113 §6.7).
    stream.write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await.expect("it reads");
    let mut read = vec![0; 4096];
    timeout(AGES, async {
        let mut all = Vec::new();
        while !all.windows(8).any(|part| part == [1, 2, 3, 4, 5, 6, 7, 8]) {
            let len = stream.read(&mut read).await.expect("the connection is kept");
            assert_ne!(len, 0, "the connection is kept");
            all.extend_from_slice(&read[..len]);
        }
    })
    .await
    .expect("it answers");
    drop(stream);
    server.end().await;
}

#[tokio::test]
async fn a_head_that_is_whole_within_a_second_of_the_stop_is_answered() {
    let (server, address) = Running::start(app()).await;
    let mut stream = raw(address, HALF).await;
    settle().await;
    // Something is always ready, so that no time passes.
    pause();
    let busy = tokio::spawn(async {
        loop {
            yield_now().await;
        }
    });
    let stopping = server.begin_to_stop();
    refused(address).await;
    stream.write_all(b"host\r\n\r\n").await.expect("it still reads");
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let report = report(stopping.await);
    assert_eq!((report.completed(), report.elapsed()), (1, Duration::ZERO), "{report}");
    busy.abort();
}
