//! A subscriber and a recorder that panic at random.

use std::sync::LazyLock;

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use tracing::{Event, Id, Subscriber, span};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

use super::dice::Dice;

/// Panics now and then when it is told something by the library.
pub(crate) struct PanickingSubscriber(Dice);

impl PanickingSubscriber {
    pub(crate) fn subscriber(seed: u64) -> impl Subscriber + Send + Sync {
        Registry::default().with(Self(Dice::new(seed)))
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for PanickingSubscriber {
    fn on_new_span(&self, span: &span::Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if span.metadata().target() == "with_after" {
            self.0.fail_one_in(50);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "with_after" {
            self.0.fail_one_in(20);
        }
    }

    fn on_enter(&self, id: &Id, cx: Context<'_, S>) {
        self.in_span(id, &cx);
    }

    fn on_exit(&self, id: &Id, cx: Context<'_, S>) {
        self.in_span(id, &cx);
    }

    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        self.in_span(&id, &cx);
    }

    fn on_record(&self, id: &Id, _: &span::Record<'_>, cx: Context<'_, S>) {
        self.in_span(id, &cx);
    }
}

impl PanickingSubscriber {
    fn in_span<S>(&self, id: &Id, cx: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if cx.span(id).is_some_and(|span| span.metadata().target() == "with_after") {
            self.0.fail_one_in(50);
        }
    }
}

pub(crate) static RECORDER: LazyLock<PanickingRecorder> =
    LazyLock::new(|| PanickingRecorder(Dice::new(7)));

/// A recorder that panics now and then, and counts nothing.
pub(crate) struct PanickingRecorder(Dice);

impl Recorder for PanickingRecorder {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        self.0.fail_one_in(50);
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        self.0.fail_one_in(50);
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        self.0.fail_one_in(50);
        Histogram::noop()
    }
}
