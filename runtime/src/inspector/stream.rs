//! What a watcher is told, as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, Sse},
};
use futures_util::stream::unfold;
use http::HeaderMap;
use tokio::time::{Instant, sleep};

use super::{
    Inspector,
    watch::{Message, PAUSE, Watcher},
};

/// A stream within a server ends after this time, and is asked for again: a server that knows of no
/// drain, and waits for its connections to end, waits no longer for it.
const WITHIN_SERVER: Duration = Duration::from_secs(20);

/// When a browser asks again.
const AGAIN: Duration = Duration::from_millis(250);

/// How long a stream may last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lasting {
    /// Until the server in which it is mounted stops, which it must not hold up.
    WithServer,
    /// As long as somebody reads it.
    OnItsOwn,
}

/// One stream.
struct Stream {
    watcher: Watcher,
    begun: Instant,
    lasting: Lasting,
    first: bool,
}

/// Answers a watcher, who may tell in `headers` what it knows already.
pub(super) fn stream(inspector: Inspector, headers: &HeaderMap, lasting: Lasting) -> Response {
    let watcher = Watcher::new(inspector, known(headers));
    let stream = Stream { watcher, begun: Instant::now(), lasting, first: true };
    Sse::new(unfold(Some(stream), next)).into_response()
}

/// Reads what a browser knows that asks again: when the inspector was made, and the version.
fn known(headers: &HeaderMap) -> Option<(u64, u64)> {
    let id = headers.get("last-event-id")?.to_str().ok()?;
    let (made_at, version) = id.split_once('-')?;
    Some((made_at.parse().ok()?, version.parse().ok()?))
}

type Next = Option<(Result<Event, Infallible>, Option<Stream>)>;

async fn next(stream: Option<Stream>) -> Next {
    let mut stream = stream?;
    if stream.first {
        stream.first = false;
    } else {
        sleep(PAUSE).await;
    }
    loop {
        let is_over = stream.is_over();
        if let Some(message) = stream.watcher.look() {
            let event = Ok(event(&message));
            return Some((event, (!is_over).then_some(stream)));
        }
        if is_over {
            return None;
        }
        sleep(PAUSE).await;
    }
}

impl Stream {
    fn is_over(&self) -> bool {
        self.lasting == Lasting::WithServer
            && (self.begun.elapsed() >= WITHIN_SERVER || self.watcher.is_over())
    }
}

fn event(message: &Message) -> Event {
    let event = Event::default().retry(AGAIN).id(message.id());
    // Numbers, texts and lists make JSON.
    let data = serde_json::to_string(message).unwrap_or_default();
    event.data(data)
}
