//! What a scope was opened for.

use std::{borrow::Cow, sync::Arc};

use super::prerender::{Lookup, Prerender};
#[cfg(feature = "observe")]
use crate::host;
use crate::{
    error::{Caller, RequestApiErrorKind},
    place::Handler,
    request::Head,
};

/// What a scope was opened for.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A `run`, a job, or a task that waits for no response.
    Call,
    /// The call of an annotated function without a layer.
    Function,
    Request(Head),
    /// The render of a page before any request for it.
    Prerender(Arc<Prerender>),
}

impl Origin {
    /// Makes it that of a request, whose head `copy` writes over that of an earlier one.
    #[inline]
    pub(super) fn request(&mut self, copy: impl FnOnce(&mut Head)) {
        if !matches!(self, Self::Request(_)) {
            *self = Self::Request(Head::default());
        }
        if let Self::Request(head) = self {
            copy(head);
        }
    }

    /// Drops all but a block of usual size.
    #[inline]
    pub(super) fn vacate(&mut self) {
        if !matches!(self, Self::Request(head) if head.is_small()) {
            *self = Self::Call;
        }
    }

    pub(super) fn head(&self) -> Option<&Head> {
        match self {
            Self::Request(head) => Some(head),
            Self::Call | Self::Function | Self::Prerender(_) => None,
        }
    }

    #[cfg(feature = "observe")]
    pub(super) fn for_observers(&self) -> host::Origin<'_> {
        match self {
            Self::Call | Self::Function => host::Origin::Call,
            Self::Request(head) => host::Origin::Request(host::RequestHead(head)),
            Self::Prerender(prerender) => host::Origin::Render(prerender.path()),
        }
    }

    /// Returns why there is no head to read.
    pub(super) fn refusal(&self, lookup: Lookup) -> RequestApiErrorKind {
        match self {
            Self::Prerender(prerender) => prerender.refuse(lookup),
            Self::Function => RequestApiErrorKind::NoLayer,
            Self::Call | Self::Request(_) => RequestApiErrorKind::NoRequest,
        }
    }

    /// Returns method and path of the request, as messages show it.
    pub(super) fn route(&self) -> Cow<'static, str> {
        self.shown().map_or(Cow::Borrowed("no request"), Cow::Owned)
    }

    /// Returns which request or page it is, if any.
    pub(super) fn shown(&self) -> Option<String> {
        match self {
            Self::Call | Self::Function => None,
            Self::Request(head) => Some(head.route()),
            Self::Prerender(prerender) => Some(format!("prerender of {}", prerender.path())),
        }
    }

    /// Takes note of a task.
    pub(super) fn scheduled(&self, caller: Caller) {
        if let Self::Prerender(prerender) = self {
            prerender.scheduled(caller);
        }
    }

    /// Takes note of an annotated function that is called in the scope.
    pub(super) fn called(&self, handler: &'static Handler) {
        if let Self::Prerender(prerender) = self {
            prerender.called(handler);
        }
    }
}
