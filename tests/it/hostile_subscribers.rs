//! A `tracing` subscriber that panics.

use tracing::{
    Event, Id, Metadata, Subscriber,
    span::{Attributes, Record},
    subscriber::Interest,
};
use tracing_subscriber::{Layer, Registry, layer::Context, prelude::*, registry::LookupSpan};

use crate::{
    hostile_server::{Fuse, a_server_does_all_it_promises},
    support::traces::subscribe,
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

fn ours(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "with_after"
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Panicking {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
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
