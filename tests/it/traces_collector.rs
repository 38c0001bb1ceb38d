//! What a collector of OpenTelemetry is sent of a task.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{Router, body::Body, routing::get, routing::post};
use bytes::Bytes;
use http::{Request, Response, header};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::any_value::Value,
    trace::v1::{Span, Status, status::StatusCode},
};
use opentelemetry_sdk::trace::SdkTracerProvider;
use prost::Message as _;
use tokio::{runtime::Handle, sync::Semaphore};
use tracing::{Instrument as _, info_span};
use tracing_subscriber::{Registry, prelude::*};
use with_after::{task, with_after};

use crate::support::{
    client::{self, Client},
    platform::Recording,
    server::{Version, axum},
    traces::subscribe,
    within,
};

/// A collector that keeps what it is sent, over OTLP/HTTP.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    async fn listen(&self) -> SocketAddr {
        let collector = self.clone();
        let traces = async move |body: Bytes| {
            let request = ExportTraceServiceRequest::decode(body).expect("it is an export");
            let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
            let spans = scopes.flat_map(|scope| scope.spans);
            collector.spans.lock().expect("nobody panics under it").extend(spans);
            [(header::CONTENT_TYPE, "application/x-protobuf")]
        };
        axum(Router::new().route("/v1/traces", post(traces))).await
    }

    fn named(&self, name: &str) -> Vec<Span> {
        let spans = self.spans.lock().expect("nobody panics under it");
        spans.iter().filter(|span| span.name == name).cloned().collect()
    }
}

/// Sends exports from the exporter's thread through this runtime.
#[derive(Debug)]
struct Sender {
    runtime: Handle,
    collector: SocketAddr,
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let collector = self.collector;
        let sent = self.runtime.spawn(async move {
            let mut client = Client::connect(collector, Version::Http1).await;
            client.fetch(request.map(Body::from)).await
        });
        let received = sent.await??;
        Ok(Response::builder().status(received.status).body(received.body)?)
    }
}

/// Sends all spans that have ended.
async fn flush(provider: &SdkTracerProvider) {
    let provider = provider.clone();
    let flushed = tokio::task::spawn_blocking(move || provider.force_flush());
    within(flushed).await.expect("it does not panic").expect("the collector takes them");
}

#[with_after(route)]
async fn order(gate: Arc<Semaphore>) -> &'static str {
    task("mail").schedule(async move {
        drop(gate.acquire().await);
        async {}.instrument(info_span!("smtp")).await;
        Err::<(), _>("no network")
    });
    "ordered"
}

#[tokio::test]
async fn a_tasks_span_arrives_linked_to_its_requests_trace_when_that_has_been_sent() {
    let collector = Collector::default();
    let sender = Sender { runtime: Handle::current(), collector: collector.listen().await };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("http://{}/v1/traces", sender.collector))
        .with_http_client(sender)
        .build()
        .expect("it is told all it needs");
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = subscribe(Registry::default().with(layer));

    let (platform, gate) = (Recording::default(), Arc::new(Semaphore::new(0)));
    let handlers_gate = Arc::clone(&gate);
    let handler = async move || order(handlers_gate).instrument(info_span!("request")).await;
    let app = Router::new().route("/", get(handler)).layer(platform.layer());
    let address = axum(app).await;
    assert_eq!(client::get(address, "/").await.body, "ordered");
    flush(&provider).await;
    let [request] = &collector.named("request")[..] else { panic!("the request has ended") };
    assert_eq!(collector.named("after").len(), 0, "the task runs still");

    gate.close();
    platform.drain().await;
    flush(&provider).await;
    let [task] = &collector.named("after")[..] else { panic!("the task has ended") };
    let [link] = &task.links[..] else { panic!("{task:?}") };
    assert_eq!((&link.trace_id, &link.span_id), (&request.trace_id, &request.span_id));
    assert!(task.parent_span_id.is_empty(), "it is a root: its request had ended");
    assert!(task.end_time_unix_nano > request.end_time_unix_nano);
    let [smtp] = &collector.named("smtp")[..] else { panic!("it is a span of the task") };
    assert_eq!((&smtp.trace_id, &smtp.parent_span_id), (&task.trace_id, &task.span_id));

    let attributes = attributes(task);
    assert_eq!((&*attributes["task"], &*attributes["kind"]), ("mail", "route"));
    assert!(attributes["location"].starts_with("tests/it/traces_collector.rs:"));
    for name in ["queue_wait_ms", "run_time_ms"] {
        assert!(attributes[name].parse::<f64>().is_ok_and(|time| time >= 0.0), "{attributes:?}");
    }
    let status = task.status.as_ref().map(Status::code);
    assert_eq!(status, Some(StatusCode::Error));
    assert!(task.events.iter().any(|event| event.name == "task failed"), "{:?}", task.events);
}

fn attributes(span: &Span) -> BTreeMap<String, String> {
    let values = span.attributes.iter().map(|attribute| {
        let value = attribute.value.as_ref().and_then(|value| value.value.as_ref());
        let value = match value {
            Some(Value::StringValue(text)) => text.clone(),
            Some(Value::DoubleValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        (attribute.key.clone(), value)
    });
    values.collect()
}
