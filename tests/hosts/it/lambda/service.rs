//! Lambda's runtime API, version 2018-06-01, as far as a runtime uses it.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::BodyExt as _;
use tokio::{
    net::TcpListener,
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot,
    },
};

use crate::support::within;

/// The service, as the test holds it.
pub(super) struct Service {
    pub(super) address: SocketAddr,
    invocations: UnboundedSender<Invocation>,
    events: UnboundedReceiver<Event>,
    sent: u32,
}

/// What the function did.
pub(super) enum Event {
    /// It asks for the next invocation: it could be frozen from now on.
    Next,
    /// It has begun to post the response of the invocation with this id.
    Begun { id: String, streaming: bool },
    /// It has posted all of it.
    Responded { id: String, body: Vec<u8> },
    /// It has posted that it failed.
    Failed { id: String, body: Vec<u8> },
    /// It tells what happens, and goes on when the test answers.
    Told { what: String, answer: oneshot::Sender<()> },
}

struct Invocation {
    id: String,
    event: serde_json::Value,
    deadline: SystemTime,
}

struct Shared {
    invocations: Mutex<UnboundedReceiver<Invocation>>,
    events: UnboundedSender<Event>,
}

impl Service {
    pub(super) async fn start() -> Self {
        let (invocations, receiver) = unbounded_channel();
        let (sender, events) = unbounded_channel();
        let shared = Shared { invocations: Mutex::new(receiver), events: sender };
        let api = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(error));
        let app = Router::new()
            .nest("/2018-06-01/runtime", api)
            .route("/told/{what}", get(told))
            .with_state(Arc::new(shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, invocations, events, sent: 0 }
    }

    /// Gives the function an invocation, as the URL of a function would, and returns its id.
    pub(super) fn invoke(&mut self, method: &str, path: &str, time: Duration) -> String {
        self.sent += 1;
        let id = format!("invocation-{}", self.sent);
        let event = serde_json::json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": "",
            "headers": { "host": "f.lambda-url.on.aws", "user-agent": "test" },
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "f",
                "domainName": "f.lambda-url.on.aws",
                "domainPrefix": "f",
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "test",
                },
                "requestId": id,
                "routeKey": "$default",
                "stage": "$default",
                "time": "22/Nov/2026:21:00:00 +0000",
                "timeEpoch": 1_795_381_200_000_u64,
            },
            "isBase64Encoded": false,
        });
        let deadline = SystemTime::now() + time;
        let invocation = Invocation { id: id.clone(), event, deadline };
        self.invocations.send(invocation).expect("the service runs");
        id
    }

    /// Waits for what the function does next.
    pub(super) async fn event(&mut self) -> Event {
        within(self.events.recv()).await.expect("the service runs")
    }

    /// Waits for what the function tells next, and returns how to let it go on.
    pub(super) async fn told(&mut self, expected: &str) -> oneshot::Sender<()> {
        match self.event().await {
            Event::Told { what, answer } if what == expected => answer,
            other => panic!("{other:?} came, and not {expected:?}"),
        }
    }

    pub(super) async fn next(&mut self) {
        let event = self.event().await;
        assert!(matches!(event, Event::Next), "{event:?} came, and not the next invocation");
    }

    /// Waits for the whole response of an invocation, posted in one piece.
    pub(super) async fn response(&mut self, expected: &str) -> serde_json::Value {
        match self.event().await {
            Event::Begun { id, streaming: false } if id == expected => (),
            other => panic!("{other:?} came, and not a response to {expected:?}"),
        }
        match self.event().await {
            Event::Responded { id, body } if id == expected => {
                serde_json::from_slice(&body).expect("it is JSON")
            }
            other => panic!("{other:?} came, and not the response to {expected:?}"),
        }
    }

    /// Says that the function has done nothing since.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.events.is_empty()
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.say(Event::Next);
    let Some(invocation) = shared.invocations.lock().await.recv().await else {
        return std::future::pending().await;
    };
    let deadline = invocation.deadline.duration_since(SystemTime::UNIX_EPOCH);
    let deadline = deadline.expect("it is after 1970").as_millis().to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id.as_str()),
        ("lambda-runtime-deadline-ms", &deadline),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-north-1:123456789012:function:f",
        ),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"),
        ("content-type", "application/json"),
    ];
    (headers, invocation.event.to_string()).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> StatusCode {
    let mode = headers.get("lambda-runtime-function-response-mode");
    let streaming = mode.is_some_and(|mode| mode == "streaming");
    shared.say(Event::Begun { id: id.clone(), streaming });
    let body = body.collect().await.expect("the function stands").to_bytes().into();
    shared.say(Event::Responded { id, body });
    StatusCode::ACCEPTED
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Body,
) -> StatusCode {
    let body = body.collect().await.expect("the function stands").to_bytes().into();
    shared.say(Event::Failed { id, body });
    StatusCode::ACCEPTED
}

async fn told(State(shared): State<Arc<Shared>>, Path(what): Path<String>) {
    let (answer, answered) = oneshot::channel();
    shared.say(Event::Told { what, answer });
    // Dropped at the end of the test.
    drop(answered.await);
}

impl Shared {
    /// A failed test listens no more.
    fn say(&self, event: Event) {
        drop(self.events.send(event));
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Next => f.write_str("Next"),
            Self::Begun { id, streaming } => write!(f, "Begun({id}, streaming: {streaming})"),
            Self::Responded { id, body } => write!(f, "Responded({id}, {})", body.escape_ascii()),
            Self::Failed { id, body } => write!(f, "Failed({id}, {})", body.escape_ascii()),
            Self::Told { what, .. } => write!(f, "Told({what})"),
        }
    }
}
