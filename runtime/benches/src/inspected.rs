//! A shop as the quickstart's, alone, observed, and looked at.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use axum::{Router, extract::Request, middleware::Next, response::Response};
use tokio::time::sleep;
use with_after::{after, headers, task, with_after};

use crate::variant::{Host, Variant, order, route};

/// The shop alone, twice; with an inspector that nobody looks at; and with one that is watched.
pub(crate) const INSPECTED: &[Variant] = &[
    Variant { name: "shop", host: Host::ServeAround, app: shop },
    Variant { name: "shop-inspected", host: Host::Inspected, app: shop },
    Variant { name: "shop-watched", host: Host::Watched, app: shop },
    Variant { name: "small", host: Host::ServeAround, app: small },
    Variant { name: "small-inspected", host: Host::Inspected, app: small },
    Variant { name: "small-watched", host: Host::Watched, app: small },
];

static SENT: AtomicU64 = AtomicU64::new(0);

/// A route that schedules a receipt, which waits as for a mail server and schedules an audit; and a
/// middleware that counts.
fn shop() -> Router {
    route(axum::routing::get(sell)).layer(axum::middleware::from_fn(count))
}

/// The smallest handler that schedules anything.
fn small() -> Router {
    route(axum::routing::get(async || {
        after(send());
        order()
    }))
}

#[with_after(route, max_duration = "10s")]
async fn sell() -> axum::Json<crate::variant::Order> {
    task("receipt").schedule(async {
        sleep(Duration::from_millis(5)).await;
        let fields = headers().await.len();
        task("audit").schedule(async move {
            SENT.fetch_add(fields as u64, Ordering::Relaxed);
        });
    });
    order()
}

#[with_after(middleware)]
async fn count(request: Request, next: Next) -> Response {
    task("count").schedule(send());
    next.run(request).await
}

#[expect(clippy::unused_async, reason = "a task is a future")]
async fn send() {
    SENT.fetch_add(1, Ordering::Relaxed);
}

/// Watches the inspector of the server at `port` until that is gone, in a thread.
pub(crate) fn watch(port: &str) {
    let address = format!("127.0.0.1:{port}");
    thread::spawn(move || while read_stream(&address).is_ok() {});
}

fn read_stream(address: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /_after/events HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut buffer = vec![0; 1 << 16];
    let mut read = 0;
    loop {
        match stream.read(&mut buffer)? {
            // It ends after a while, and goes on with the next one.
            0 if read > 0 => return Ok(()),
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => read += count,
        }
        // The last chunk of a stream.
        if buffer.starts_with(b"0\r\n\r\n") {
            return Ok(());
        }
    }
}
