//! A collector of spans and events.

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write as _},
    sync::{Arc, LazyLock, Mutex},
};

use tracing::{
    Dispatch, Event, Id, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

/// Has `subscriber` told what this thread traces until the guard is dropped.
///
/// While a process has one subscriber alone, tracing asks the first thread that comes to a place
/// in the code what all threads want of it, and that one may have none. So there is another.
pub(crate) fn subscribe(subscriber: impl Into<Dispatch>) -> DefaultGuard {
    static OTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Registry::default()));
    LazyLock::force(&OTHER);
    tracing::dispatcher::set_default(&subscriber.into())
}

/// What was traced by the current thread.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    spans: BTreeMap<u64, SpanLog>,
    events: Vec<EventLog>,
}

#[derive(Clone, Debug)]
pub(crate) struct SpanLog {
    pub(crate) name: &'static str,
    pub(crate) fields: String,
    pub(crate) has_parent: bool,
    /// The names of the spans that it follows from.
    pub(crate) follows: Vec<&'static str>,
    pub(crate) closed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct EventLog {
    pub(crate) level: Level,
    pub(crate) text: String,
    /// The fields of the span in which it happened.
    pub(crate) span: Option<String>,
}

impl Traces {
    /// Collects what this thread traces until the guard is dropped.
    pub(crate) fn collect() -> (Self, DefaultGuard) {
        let traces = Self::default();
        let guard = subscribe(Registry::default().with(traces.clone()));
        (traces, guard)
    }

    /// Returns the spans called `name`, in the order in which they were opened.
    pub(crate) fn spans(&self, name: &str) -> Vec<SpanLog> {
        self.read(|log| log.spans.values().filter(|span| span.name == name).cloned().collect())
    }

    /// Returns the events of `level`.
    pub(crate) fn events(&self, level: Level) -> Vec<EventLog> {
        self.read(|log| log.events.iter().filter(|event| event.level == level).cloned().collect())
    }

    fn read<T>(&self, read: impl FnOnce(&mut Log) -> T) -> T {
        read(&mut self.log.lock().expect("no reader panics"))
    }
}

/// The registry uses an id again once its span is closed: they are numbered here.
struct Number(u64);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        let span = cx.span(id).expect("it is new");
        let entry = SpanLog {
            name: attributes.metadata().name(),
            fields: text(|visit| attributes.record(visit)),
            has_parent: span.parent().is_some(),
            follows: Vec::new(),
            closed: false,
        };
        let number = self.read(|log| {
            let number = log.spans.len() as u64;
            log.spans.insert(number, entry);
            number
        });
        span.extensions_mut().insert(Number(number));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, S>) {
        let more = text(|visit| values.record(visit));
        self.change(id, &cx, |span| span.fields.push_str(&more));
    }

    fn on_follows_from(&self, id: &Id, followed: &Id, cx: Context<'_, S>) {
        let name = cx.span(followed).expect("it is open").name();
        self.change(id, &cx, |span| span.follows.push(name));
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let number = cx.event_span(event).map(|span| number(&span));
        let text = text(|visit| event.record(visit));
        self.read(|log| {
            let span = number.and_then(|number| log.spans.get(&number));
            let span = span.map(|span| span.fields.clone());
            log.events.push(EventLog { level: *event.metadata().level(), text, span });
        });
    }

    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        self.change(&id, &cx, |span| span.closed = true);
    }
}

impl Traces {
    fn change<S>(&self, id: &Id, cx: &Context<'_, S>, change: impl FnOnce(&mut SpanLog))
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let number = number(&cx.span(id).expect("it is open"));
        self.read(|log| log.spans.get_mut(&number).map(change));
    }
}

fn number<'a, S: LookupSpan<'a>>(span: &tracing_subscriber::registry::SpanRef<'a, S>) -> u64 {
    span.extensions().get::<Number>().expect("every span is numbered").0
}

fn text(record: impl FnOnce(&mut dyn Visit)) -> String {
    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, "{}={value:?} ", field.name()).expect("a string takes all");
        }
    }

    let mut text = Text(String::new());
    record(&mut text);
    text.0
}
