//! From which request a job comes: stored in its metadata, and linked to its span.

use riverqueue::JobMetadata;
use tracing::Span;

/// As W3C Trace Context has it.
const TRACEPARENT: &str = "traceparent";
/// The name and the id of the span in which the job was enqueued.
const SPAN: &str = "with_after:span";

/// From which request a job comes.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) span: Option<String>,
    traceparent: Option<String>,
}

impl Origin {
    /// Returns the origin of what is enqueued here.
    pub(crate) fn current() -> Self {
        let span = Span::current();
        let named = span.id().zip(span.metadata());
        Self {
            span: named.map(|(id, metadata)| format!("{}#{}", metadata.name(), id.into_u64())),
            traceparent: otel::traceparent(&span),
        }
    }

    /// Writes it into a job's metadata, of which the application may have some of its own.
    pub(crate) fn write(&self, metadata: &mut JobMetadata) -> Result<(), serde_json::Error> {
        for (key, value) in [(SPAN, &self.span), (TRACEPARENT, &self.traceparent)] {
            if let (Some(value), false) = (value, metadata.contains_key(key)) {
                metadata.insert(key, value)?;
            }
        }
        Ok(())
    }

    /// Reads it from a job's metadata; what somebody else has written there is no origin.
    pub(crate) fn read(metadata: &JobMetadata) -> Self {
        let text = |key| metadata.get::<String>(key).ok().flatten();
        Self { span: text(SPAN), traceparent: text(TRACEPARENT) }
    }

    /// Links the span of a job to this origin.
    pub(crate) fn link(&self, span: &Span) {
        if let Some(traceparent) = &self.traceparent {
            otel::link(span, traceparent);
        }
    }
}

#[cfg(not(feature = "opentelemetry"))]
mod otel {
    use tracing::Span;

    pub(super) fn traceparent(_: &Span) -> Option<String> {
        None
    }

    pub(super) fn link(_: &Span, _: &str) {}
}

#[cfg(feature = "opentelemetry")]
mod otel {
    use opentelemetry::trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    };
    use tracing::Span;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    pub(super) fn traceparent(span: &Span) -> Option<String> {
        let context = span.context();
        let context = context.span().span_context().clone();
        context.is_valid().then(|| {
            let flags = context.trace_flags().to_u8();
            format!("00-{}-{}-{flags:02x}", context.trace_id(), context.span_id())
        })
    }

    pub(super) fn link(span: &Span, traceparent: &str) {
        if let Some(context) = parse(traceparent) {
            span.add_link(context);
        }
    }

    fn parse(traceparent: &str) -> Option<SpanContext> {
        let mut parts = traceparent.split('-');
        let (_version, trace, parent, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
        let (trace, parent) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(parent).ok()?);
        let context = SpanContext::new(trace, parent, flags, true, TraceState::default());
        context.is_valid().then_some(context)
    }
}
