//! The span of a job links to the trace of the request that enqueued it.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use tracing::{Dispatch, Instrument as _, info_span};
use tracing_subscriber::layer::SubscriberExt as _;
use with_after::run;

use crate::support::{
    Running,
    engines::Engine,
    quick,
    seen::{Seen, tell},
};

#[tokio::test]
async fn the_span_of_a_job_links_to_the_span_in_which_it_was_enqueued() {
    // tracing asks only the thread at hand whether a span is of interest, where it knows of one
    // subscriber alone: another test would answer for this one.
    let _other = Dispatch::new(tracing_subscriber::registry());
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    let _traced = tracing::subscriber::set_default(subscriber);

    let engine = Engine::sqlite().await;
    let seen = Seen::new();
    let jobs = quick(&engine).job::<tell>().state(seen.clone()).build().unwrap();
    let request = async { drop(jobs.enqueue(tell("job".into())).await.unwrap()) };
    run(request.instrument(info_span!("request"))).await;
    let workers = Running::start(&jobs);
    assert_eq!(seen.next().await, "job");
    workers.stop().await;

    let spans = exporter.get_finished_spans().unwrap();
    let named = |name: &str| spans.iter().find(|span| span.name == name).expect(name);
    let (request, job) = (named("request"), named("job"));
    assert_ne!(job.span_context.trace_id(), request.span_context.trace_id());
    let links: Vec<_> = job.links.iter().map(|link| link.span_context.clone()).collect();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].trace_id(), request.span_context.trace_id());
    assert_eq!(links[0].span_id(), request.span_context.span_id());
    assert!(links[0].is_remote());
    let field = |name: &str| job.attributes.iter().find(|field| field.key.as_str() == name);
    assert_eq!(field("task").unwrap().value.as_str(), "tell");
    assert!(field("called_in").unwrap().value.as_str().starts_with("request#"));
}
