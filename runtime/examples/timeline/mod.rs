//! Prints what happens when, as `tracing` tells it.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use axum::{extract::Request, middleware::Next, response::Response};
use tracing::{Event, Instrument, Subscriber, field, info, info_span, span};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};
use with_after::{End, outcome};

/// Opens the span by which a request and its tasks are known.
pub(super) async fn watch(request: Request, next: Next) -> Response {
    let route = format!("{} {}", request.method(), request.uri().path());
    let span = info_span!("request", route);
    let response = next.run(request).instrument(span.clone()).await;
    span.in_scope(|| info!("head: {}", response.status()));
    response
}

pub(super) fn install() {
    tracing_subscriber::registry().with(LevelFilter::DEBUG).with(Timeline::default()).init();
}

#[derive(Default)]
struct Timeline {
    requests: AtomicU64,
}

/// What the spans of one request share.
#[derive(Clone)]
struct Shared {
    number: u64,
    arrived: Instant,
    ended: Arc<AtomicBool>,
}

/// The name of a task, on its span.
struct Task {
    name: String,
    waits: bool,
}

impl Shared {
    fn print(&self, at: Duration, what: &str) {
        println!("#{:<3} {:>7.1} ms  {what}", self.number, at.as_secs_f64() * 1e3);
    }

    /// Prints how the response ended, which the first task to start is told.
    fn print_end(&self) {
        let Some(outcome) = outcome().filter(|_| !self.ended.swap(true, Relaxed)) else { return };
        let end = match outcome.end() {
            End::Completed => "last byte".to_owned(),
            end => format!("no last byte: {end:?}"),
        };
        // It counts from the request's arrival at the layer, a moment before `arrived`.
        let at = outcome.elapsed().min(self.arrived.elapsed());
        self.print(at, &format!("{end} (body: {} bytes)", outcome.body_bytes()));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Timeline {
    fn on_new_span(&self, span: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let Some(span) = ctx.span(id) else { return };
        if let Some(task) = fields.0.remove("task") {
            span.extensions_mut().insert(Task { name: task, waits: true });
        } else if let Some(route) = fields.0.remove("route") {
            let (number, ended) = (self.requests.fetch_add(1, Relaxed) + 1, Arc::default());
            let request = Shared { number, arrived: Instant::now(), ended };
            request.print(Duration::ZERO, &route);
            span.extensions_mut().insert(request);
        }
    }

    /// A task's span follows from the one in which it was scheduled.
    fn on_follows_from(&self, id: &span::Id, from: &span::Id, ctx: Context<'_, S>) {
        let request = ctx.span(from).and_then(|from| from.extensions().get::<Shared>().cloned());
        if let Some((request, span)) = request.zip(ctx.span(id)) {
            span.extensions_mut().insert(request);
        }
    }

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let starts = span
            .extensions_mut()
            .get_mut()
            .is_some_and(|task: &mut Task| std::mem::replace(&mut task.waits, false));
        let extensions = span.extensions();
        if let (true, Some(task), Some(request)) =
            (starts, extensions.get::<Task>(), extensions.get::<Shared>())
        {
            request.print_end();
            request.print(request.arrived.elapsed(), &format!("  {}: start", task.name));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let field = |name| fields.0.get(name).map_or("", String::as_str);
        let span = ctx.event_span(event);
        let task = span
            .as_ref()
            .and_then(|span| span.extensions().get::<Task>().map(|task| task.name.clone()));
        let what = match (field("message"), task) {
            ("task completed", Some(task)) => format!("  {task}: done"),
            ("task failed", Some(task)) => format!("  {task}: {}", field("cause")),
            (message, _) => message.to_owned(),
        };
        match span.as_ref().and_then(|span| span.extensions().get::<Shared>().cloned()) {
            Some(request) => request.print(request.arrived.elapsed(), &what),
            None => println!("{what}"),
        }
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl field::Visit for Fields {
    fn record_str(&mut self, field: &field::Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &field::Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
