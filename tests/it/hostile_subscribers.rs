//! A `tracing` subscriber or a `metrics` recorder that panics.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::{Router, routing::get};
use http::Method;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use tokio::sync::mpsc::unbounded_channel;
use tracing::{
    Event, Id, Subscriber,
    span::{Attributes, Record},
    subscriber::Interest,
};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};
use with_after::{AfterLayer, task};

use crate::{
    serve_support::Running,
    support::{
        client::{Client, request},
        fail,
        log::Log,
        server::Version,
        traces::subscribe,
        within,
    },
};

#[tokio::test]
async fn a_subscriber_that_panics_disturbs_no_task_no_hook_and_no_server() {
    for moment in Moment::ALL {
        for once in [true, false] {
            let fuse = Fuse::new(once);
            let panicking = Panicking { moment, fuse: fuse.clone() };
            let guard = subscribe(Registry::default().with(panicking));
            a_server_does_all_it_promises().await;
            drop(guard);
            assert!(fuse.blown() > 0, "{moment:?} never came");
        }
    }
}

#[tokio::test]
async fn a_recorder_that_panics_disturbs_no_task_no_hook_and_no_server() {
    for in_register in [true, false] {
        for once in [true, false] {
            let fuse = Fuse::new(once);
            let recorder = PanickingRecorder { in_register, fuse: fuse.clone() };
            let guard = metrics::set_default_local_recorder(&recorder);
            a_server_does_all_it_promises().await;
            drop(guard);
            assert!(fuse.blown() > 0, "nothing was recorded");
        }
    }
}

/// Three requests on one connection, each with tasks of every end.
async fn a_server_does_all_it_promises() {
    let (hook, (ended, mut ends)) = (Log::default(), unbounded_channel());
    let hooks_log = hook.clone();
    let handler = async move || {
        let (in_first, in_last) = (ended.clone(), ended);
        task("first").schedule(async move {
            tokio::task::yield_now().await;
            task("nested").schedule(move || in_first.send("nested"));
        });
        task("fails").schedule(|| Err::<(), _>("no disk"));
        task("panics").schedule(fail);
        task("blocks").blocking().schedule(|| ());
        task("replaced").schedule(|| ());
        task("replaced").unique().schedule(|| ());
        task("last").schedule(move || in_last.send("last"));
        "a body"
    };
    let layer = AfterLayer::new().on_failure(move |failure| hooks_log.add(failure.to_string()));
    let app = Router::new().route("/", get(handler)).layer(layer);
    let (server, address) = Running::start(app).await;

    let mut client = Client::connect(address, Version::Http1).await;
    for _ in 0..3 {
        let response = client.fetch(request(Method::GET, "/")).await;
        assert_eq!(response.expect("the connection is kept").body, "a body");
        let mut seen = [within(ends.recv()).await, within(ends.recv()).await];
        seen.sort_unstable();
        assert_eq!(seen, [Some("last"), Some("nested")]);
    }
    let report = within(server.stop()).await;
    assert!(report.is_complete(), "{report}");
    let mut failed = hook.entries();
    failed.sort_unstable();
    let [first, .., last] = &failed[..] else { panic!("the hook heard of nothing") };
    assert!(first.ends_with("failed: no disk"), "{failed:?}");
    assert!(last.ends_with("panicked: a failure that the test wants"), "{failed:?}");
    assert_eq!(failed.len(), 6, "{failed:?}");
}

/// Panics, once or whenever it is asked.
#[derive(Clone, Debug)]
struct Fuse {
    once: bool,
    blown: Arc<AtomicUsize>,
}

impl Fuse {
    fn new(once: bool) -> Self {
        Self { once, blown: Arc::default() }
    }

    fn blow(&self) {
        if self.blown.fetch_add(1, SeqCst) == 0 || !self.once {
            fail();
        }
    }

    fn blown(&self) -> usize {
        self.blown.load(SeqCst)
    }
}

/// When a subscriber panics.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Moment {
    Enabled,
    NewSpan,
    Enter,
    Exit,
    Close,
    Event,
    Record,
    FollowsFrom,
}

impl Moment {
    const ALL: [Self; 8] = [
        Self::Enabled,
        Self::NewSpan,
        Self::Enter,
        Self::Exit,
        Self::Close,
        Self::Event,
        Self::Record,
        Self::FollowsFrom,
    ];
}

struct Panicking {
    moment: Moment,
    fuse: Fuse,
}

impl Panicking {
    fn at(&self, moment: Moment) {
        if self.moment == moment {
            self.fuse.blow();
        }
    }

    /// The same for a span of this crate alone: others trace too.
    fn in_span<S>(&self, moment: Moment, id: &Id, cx: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if cx.span(id).is_some_and(|span| ours(span.metadata())) {
            self.at(moment);
        }
    }
}

fn ours(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.target() == "with_after"
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Panicking {
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        if ours(metadata) {
            self.at(Moment::Enabled);
        }
        true
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if ours(attributes.metadata()) {
            self.at(Moment::NewSpan);
        }
    }

    fn on_record(&self, id: &Id, _: &Record<'_>, cx: Context<'_, S>) {
        self.in_span(Moment::Record, id, &cx);
    }

    fn on_follows_from(&self, id: &Id, _: &Id, cx: Context<'_, S>) {
        self.in_span(Moment::FollowsFrom, id, &cx);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if ours(event.metadata()) {
            self.at(Moment::Event);
        }
    }

    fn on_enter(&self, id: &Id, cx: Context<'_, S>) {
        self.in_span(Moment::Enter, id, &cx);
    }

    fn on_exit(&self, id: &Id, cx: Context<'_, S>) {
        self.in_span(Moment::Exit, id, &cx);
    }

    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        self.in_span(Moment::Close, &id, &cx);
    }
}

struct PanickingRecorder {
    /// Else when a number is recorded.
    in_register: bool,
    fuse: Fuse,
}

impl PanickingRecorder {
    fn register(&self) -> Arc<Fuse> {
        if self.in_register {
            self.fuse.blow();
        }
        let once = self.fuse.once || self.in_register;
        Arc::new(Fuse { once, ..self.fuse.clone() })
    }
}

impl Recorder for PanickingRecorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.register())
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.register())
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.register())
    }
}

impl CounterFn for Fuse {
    fn increment(&self, _: u64) {
        self.blow();
    }

    fn absolute(&self, _: u64) {
        self.blow();
    }
}

impl GaugeFn for Fuse {
    fn increment(&self, _: f64) {
        self.blow();
    }

    fn decrement(&self, _: f64) {
        self.blow();
    }

    fn set(&self, _: f64) {
        self.blow();
    }
}

impl HistogramFn for Fuse {
    fn record(&self, _: f64) {
        self.blow();
    }
}
