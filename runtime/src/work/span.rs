//! The span of a task.

use std::fmt;

use tracing::{Span, field};

use super::record::TaskInfo;
use crate::net::{Netted, contain, in_span, tell};

/// What the span of a task is to the one that is current at `after`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Lineage {
    #[default]
    Follows,
    /// It shows the fields of its parent, which stays open for it.
    Child,
}

/// The span of a task, whose subscriber cannot disturb the task.
#[derive(Debug)]
pub(crate) struct TaskSpan {
    /// `None` if nobody listens, which takes no room in the task.
    span: Option<Box<Netted<Span>>>,
}

impl TaskSpan {
    /// Opens the task's span, and leaves its id in `info`.
    ///
    /// It follows from the span that is current at `after`. It is no child of it, unless it is
    /// told to be, and is opened now: a waiting task would otherwise keep its request's span open
    /// until it has run.
    #[inline]
    pub(super) fn open(info: &mut TaskInfo, lineage: Lineage) -> Self {
        let open = || {
            let parent = match lineage {
                Lineage::Follows => None,
                Lineage::Child => Span::current().id(),
            };
            let span = tracing::info_span!(
                target: "with_after",
                parent: parent,
                "after",
                task = info.name(),
                location = %info.location,
                kind = info.kind().map(field::display),
                request = field::Empty,
                queue_wait_ms = field::Empty,
                run_time_ms = field::Empty,
            );
            if span.is_disabled() {
                return None;
            }
            let span = Netted::new(span);
            if matches!(lineage, Lineage::Follows) {
                tell(|| {
                    span.get().follows_from(Span::current());
                });
            }
            Some(span)
        };
        let span = contain(open).ok().flatten().map(Box::new);
        info.span = span.as_ref().and_then(|span| span.get().id());
        Self { span }
    }

    /// Calls `code`, which does not panic, in the span.
    #[inline]
    pub(crate) fn enter<R>(&self, code: impl FnOnce() -> R) -> R {
        match &self.span {
            Some(span) => in_span(span.get(), code),
            None => code(),
        }
    }

    /// Writes into the span which request it is of, if anybody listens and no parent tells.
    #[inline]
    pub(crate) fn record_request<R: fmt::Display>(
        &self,
        lineage: Lineage,
        request: impl FnOnce() -> Option<R>,
    ) {
        let Some(span) = &self.span else { return };
        tell(|| {
            if matches!(lineage, Lineage::Child) && Span::current().id().is_some() {
                return;
            }
            if let Some(request) = request() {
                span.get().record("request", field::display(request));
            }
        });
    }

    /// Writes numbers into the span, if anybody listens.
    #[inline]
    pub(crate) fn record<const N: usize>(&self, values: impl FnOnce() -> [(&'static str, f64); N]) {
        let Some(span) = &self.span else { return };
        tell(|| {
            for (name, value) in values() {
                span.get().record(name, value);
            }
        });
    }
}
