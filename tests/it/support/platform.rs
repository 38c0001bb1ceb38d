//! Requests without a server, on a platform that keeps a record.

use std::{
    convert::Infallible,
    mem,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::Method;
use http_body_util::BodyExt as _;
use tower::{ServiceExt as _, service_fn};
use with_after::{
    AfterLayer,
    platform::{InProcess, Overload, Platform, TaskEnd, TaskReport, Work},
};

use super::{client, log::Log};

/// An [`InProcess`] that writes down which tasks ended, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording {
    pub(crate) in_process: InProcess,
    pub(crate) max_duration: Option<Duration>,
    pub(crate) deadline: Option<Instant>,
    pub(crate) ended: Log,
}

impl Recording {
    pub(crate) fn layer(&self) -> AfterLayer {
        AfterLayer::with_platform(self.clone())
    }

    /// Waits for all tasks.
    pub(crate) async fn drain(&self) {
        let report = self.in_process.drain(Duration::from_secs(20)).await;
        assert!(report.is_complete(), "{report}");
    }
}

impl Platform for Recording {
    fn wait_until(&self, work: Work) {
        self.in_process.wait_until(work);
    }

    fn max_duration(&self) -> Option<Duration> {
        self.max_duration
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn admit(&self) -> Result<(), Overload> {
        self.in_process.admit()
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.in_process.task_ended(report);
        let end = match report.end() {
            TaskEnd::Completed => "completed".to_owned(),
            TaskEnd::Failed(cause) => cause.to_string(),
            end => format!("{end:?}"),
        };
        self.ended.add(format!("{} {end}", report.name()));
    }
}

/// Keeps all work for the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keeping {
    works: Arc<Mutex<Vec<Work>>>,
    pub(crate) ended: Log,
}

impl Keeping {
    pub(crate) fn count(&self) -> usize {
        self.works.lock().expect("nobody panics under it").len()
    }

    pub(crate) fn take(&self) -> Vec<Work> {
        mem::take(&mut *self.works.lock().expect("nobody panics under it"))
    }
}

impl Platform for Keeping {
    fn wait_until(&self, work: Work) {
        self.works.lock().expect("nobody panics under it").push(work);
    }

    fn task_ended(&self, report: &TaskReport<'_>) {
        self.ended.add(format!("{} {:?}", report.name(), report.end()));
    }
}

/// Answers one request by `handler` under `layer`, and returns the response, not yet finished.
pub(crate) async fn call<H, F, R>(layer: AfterLayer, handler: H) -> Response
where
    H: FnOnce(Request) -> F + Send,
    F: Future<Output = R> + Send,
    R: IntoResponse,
{
    let mut handler = Some(handler);
    let service = service_fn(move |request: Request| {
        let handler = handler.take().expect("there is one request");
        let response = handler(request);
        async move { Ok::<_, Infallible>(response.await.into_response()) }
    });
    let request = client::request(Method::GET, "/");
    let Ok(response) = layer.layer(service).oneshot(request).await;
    let (head, body) = response.into_parts();
    // Boxed by hand: the body is that of the layer.
    Response::from_parts(head, Body::new(body))
}

/// Answers one request by `handler` under `layer`, and finishes the response.
pub(crate) async fn finish<H, F, R>(layer: AfterLayer, handler: H) -> Response<Vec<u8>>
where
    H: FnOnce(Request) -> F + Send,
    F: Future<Output = R> + Send,
    R: IntoResponse,
{
    let (head, body) = call(layer, handler).await.into_parts();
    let body = body.collect().await.expect("it does not fail").to_bytes();
    Response::from_parts(head, body.into())
}
