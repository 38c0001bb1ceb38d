//! Where the running code stands: in which annotated function, or in which task.

use std::{cell::Cell, panic::Location, time::Duration};

use tokio::time::Instant;

use super::{kind::Kind, number::Number};

/// What `#[with_after]` says of one function.
#[derive(Debug)]
pub struct Handler {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) max_duration: Option<Duration>,
}

impl Handler {
    /// Creates the description that an expansion keeps as a constant.
    #[must_use]
    pub const fn new(kind: Kind, name: &'static str, max_duration: Option<Duration>) -> Self {
        Self { kind, name, max_duration }
    }
}

/// Where the running code stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In a handler; `None` for code that no attribute describes.
    Handler(Option<&'static Handler>),
    Task(TaskPlace),
}

/// What a running task knows of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TaskPlace {
    pub(crate) handler: Option<&'static Handler>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) deadline: Option<Instant>,
    #[cfg_attr(not(feature = "observe"), expect(dead_code, reason = "observers ask for it"))]
    pub(crate) number: Number,
}

impl Place {
    pub(crate) const UNANNOTATED: Self = Self::Handler(None);

    /// Returns the innermost annotated function; for a task, the one that scheduled it.
    pub(crate) fn handler(self) -> Option<&'static Handler> {
        match self {
            Self::Handler(handler) => handler,
            Self::Task(task) => task.handler,
        }
    }

    fn is_unannotated(self) -> bool {
        matches!(self, Self::Handler(None))
    }

    pub(crate) fn kind(self) -> Option<Kind> {
        self.handler().map(|handler| handler.kind)
    }

    pub(crate) fn task(self) -> Option<TaskPlace> {
        match self {
            Self::Handler(_) => None,
            Self::Task(task) => Some(task),
        }
    }

    /// Returns the place of `handler` called from here: a task stays what it is, whatever
    /// functions it calls.
    pub(crate) fn calling(self, handler: &'static Handler) -> Self {
        match self {
            Self::Handler(_) => Self::Handler(Some(handler)),
            Self::Task(_) => self,
        }
    }
}

thread_local! {
    static CURRENT: Cell<Place> = const { Cell::new(Place::UNANNOTATED) };
}

#[inline]
pub(crate) fn current() -> Place {
    let place = CURRENT.get();
    #[cfg(feature = "leptos")]
    if place.is_unannotated() {
        return Place::Handler(super::leptos::component());
    }
    place
}

/// Returns the place of `handler`, a function that is called from here and is not async.
pub(crate) fn called(handler: &'static Handler) -> Place {
    #[cfg(feature = "leptos")]
    super::leptos::called(handler);
    current().calling(handler)
}

/// Makes `place` the current one until the guard is dropped.
///
/// Most often the layer enters what is current anyway, which then need not be restored.
#[inline]
pub(crate) fn enter(place: Place) -> EnteredPlace {
    let same = place.is_unannotated() && CURRENT.get().is_unannotated();
    EnteredPlace { outer: (!same).then(|| CURRENT.replace(place)) }
}

#[derive(Debug)]
#[must_use = "the place is left when the guard is dropped"]
pub(crate) struct EnteredPlace {
    /// `None` if the place was entered twice.
    outer: Option<Place>,
}

impl Drop for EnteredPlace {
    #[inline]
    fn drop(&mut self) {
        if let Some(outer) = self.outer {
            CURRENT.set(outer);
        }
    }
}
