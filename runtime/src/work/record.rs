//! What is known of one task.

use std::{borrow::Cow, panic::Location, sync::Arc};

use tokio::time::Instant;
use tracing::span;

use super::options::Options;
use crate::{
    place::{Handler, Kind, Number, Place},
    sync::{AtomicBool, Ordering},
};

/// What is known of one task, from `after` to its report: one for its whole life, shared by whoever
/// may have to tell of it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) info: TaskInfo,
    /// Whoever sets it reports the end.
    ended: AtomicBool,
}

/// The name of a task, of which there are several copies.
#[derive(Clone, Debug)]
pub(crate) enum Name {
    Static(&'static str),
    Shared(Arc<str>),
}

/// What reports say of a task.
#[derive(Clone, Debug)]
pub(crate) struct TaskInfo {
    name: Option<Name>,
    pub(crate) handler: Option<&'static Handler>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) scheduled: Instant,
    /// By which observers know it.
    pub(crate) number: Number,
    /// That of its scope.
    #[cfg_attr(not(feature = "observe"), expect(dead_code, reason = "observers ask for it"))]
    pub(crate) scope: Number,
    /// The task's span, if anybody listens.
    pub(crate) span: Option<span::Id>,
}

impl Record {
    pub(super) fn new(info: TaskInfo) -> Self {
        Self { info, ended: AtomicBool::new(false) }
    }

    /// Ends it, and returns whether the caller is the one who did, and so is bound to report it.
    ///
    /// Nothing else is published by it: a report reads what was written before the task was shared.
    #[inline]
    pub(super) fn end(&self) -> bool {
        !self.ended.swap(true, Ordering::Relaxed)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl Name {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Static(name) => name,
            Self::Shared(name) => name,
        }
    }
}

impl From<Cow<'static, str>> for Name {
    fn from(name: Cow<'static, str>) -> Self {
        match name {
            Cow::Borrowed(name) => Self::Static(name),
            Cow::Owned(name) => Self::Shared(name.into()),
        }
    }
}

impl TaskInfo {
    pub(crate) fn new(
        options: &Options,
        place: Place,
        location: &'static Location<'static>,
    ) -> Self {
        let name = options.name.clone();
        let scheduled = Instant::now();
        let (number, scope) = (Number::default(), Number::default());
        Self { name, handler: place.handler(), location, scheduled, number, scope, span: None }
    }

    pub(crate) fn name(&self) -> &str {
        match (&self.name, self.handler) {
            (Some(name), _) => name.as_str(),
            (None, Some(handler)) => handler.name,
            (None, None) => "after",
        }
    }

    /// Returns whether the task was given this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|given| given.as_str() == name)
    }

    pub(crate) fn kind(&self) -> Option<Kind> {
        self.handler.map(|handler| handler.kind)
    }
}
