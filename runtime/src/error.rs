//! The errors of the public functions.

use std::{error::Error, fmt, panic::Location};

use crate::place::Kind;

/// Where more is told of each message.
pub(crate) const GUIDE: &str = "with_after::guide::troubleshooting";
/// Ends the messages that tell of a mistake.
pub(crate) const MORE: &str = " (see with_after::guide::troubleshooting)";

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Where the user's code called.
pub(crate) type Caller = &'static Location<'static>;

/// The error of [`try_after`](crate::try_after): the task was not scheduled.
#[derive(Debug)]
pub struct AfterError {
    kind: AfterErrorKind,
    caller: Caller,
}

#[derive(Debug)]
enum AfterErrorKind {
    OutsideScope,
    Refused(String),
    Overloaded(String),
    Abandoned,
}

impl AfterError {
    pub(crate) fn outside_scope(caller: Caller) -> Self {
        Self { kind: AfterErrorKind::OutsideScope, caller }
    }

    pub(crate) fn refused(reason: &str, caller: Caller) -> Self {
        Self { kind: AfterErrorKind::Refused(reason.to_owned()), caller }
    }

    pub(crate) fn abandoned(caller: Caller) -> Self {
        Self { kind: AfterErrorKind::Abandoned, caller }
    }

    pub(crate) fn overloaded(reason: &impl fmt::Display, caller: Caller) -> Self {
        Self { kind: AfterErrorKind::Overloaded(reason.to_string()), caller }
    }

    /// Returns whether there was no scope to schedule in: neither a request nor a
    /// [`run`](crate::run()).
    #[must_use]
    pub fn is_outside_scope(&self) -> bool {
        matches!(self.kind, AfterErrorKind::OutsideScope)
    }

    /// Returns whether the platform cannot keep work alive after the response.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.kind, AfterErrorKind::Refused(_))
    }

    /// Returns whether the work of the request was abandoned: the process shuts down.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        matches!(self.kind, AfterErrorKind::Abandoned)
    }

    /// Returns whether the process has too much work pending already.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        matches!(self.kind, AfterErrorKind::Overloaded(_))
    }

    /// Returns why, without where.
    pub(crate) fn reason(&self) -> &str {
        match &self.kind {
            AfterErrorKind::OutsideScope => "there is no scope",
            AfterErrorKind::Refused(reason) | AfterErrorKind::Overloaded(reason) => reason,
            AfterErrorKind::Abandoned => {
                "the process shuts down, and the work of this request was abandoned"
            }
        }
    }
}

impl fmt::Display for AfterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let caller = self.caller;
        match &self.kind {
            AfterErrorKind::OutsideScope => write!(
                f,
                "`after` was called outside a request, at {caller}: call it in a handler under \
                 `AfterLayer` or annotated with `#[with_after]`, open a scope with \
                 `with_after::run`, or carry one into a spawned task with `Scope::current()`"
            ),
            AfterErrorKind::Refused(reason) => {
                write!(f, "`after` cannot keep work alive here, at {caller}: {reason}")
            }
            AfterErrorKind::Abandoned | AfterErrorKind::Overloaded(_) => {
                write!(f, "`after` did not schedule the task at {caller}: {}", self.reason())
            }
        }?;
        f.write_str(MORE)
    }
}

impl Error for AfterError {}

/// The error of [`try_cookies`](crate::try_cookies()) and [`try_headers`](crate::try_headers()):
/// there is no request to read here.
#[derive(Debug)]
pub struct RequestApiError {
    api: &'static str,
    caller: Caller,
    kind: RequestApiErrorKind,
}

#[derive(Debug)]
pub(crate) enum RequestApiErrorKind {
    OutsideScope,
    /// A scope without a request: `run`, or a job.
    NoRequest,
    /// An annotated function without the layer.
    NoLayer,
    Prerender {
        path: String,
        /// Whether the page now waits for a request; if not, its render is over.
        waits: bool,
    },
    InRenderTask {
        kind: Kind,
        handler: &'static str,
        scheduled: Caller,
        route: String,
    },
}

impl RequestApiError {
    pub(crate) fn new(api: &'static str, caller: Caller, kind: RequestApiErrorKind) -> Self {
        Self { api, caller, kind }
    }

    /// Returns whether no scope was current.
    #[must_use]
    pub fn is_outside_scope(&self) -> bool {
        matches!(self.kind, RequestApiErrorKind::OutsideScope)
    }

    /// Returns whether the current scope has no request: it was opened by
    /// [`run`](crate::run()), or by an annotated function without
    /// [`AfterLayer`][crate::AfterLayer].
    #[cfg_attr(not(feature = "tower"), doc = "", doc = include_str!("guide/links/tower.md"))]
    #[must_use]
    pub fn is_no_request(&self) -> bool {
        matches!(self.kind, RequestApiErrorKind::NoRequest | RequestApiErrorKind::NoLayer)
    }

    /// Returns whether a page is prerendered, for which there is no request.
    ///
    /// If it is rendering still, this render is dropped, and the page is rendered for each request.
    #[must_use]
    pub fn is_prerender(&self) -> bool {
        matches!(self.kind, RequestApiErrorKind::Prerender { .. })
    }

    /// Returns whether the page that asks is to be dropped where it waits.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.kind, RequestApiErrorKind::Prerender { waits: true, .. })
    }

    /// Returns whether the caller is a task of a component, for which the request is gone.
    #[must_use]
    pub fn is_in_component_task(&self) -> bool {
        matches!(self.kind, RequestApiErrorKind::InRenderTask { .. })
    }
}

impl fmt::Display for RequestApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, caller, .. } = self;
        match &self.kind {
            RequestApiErrorKind::OutsideScope => write!(
                f,
                "`{api}()` was called outside a request, at {caller}: call it in a handler under \
                 `AfterLayer`, or carry the request's scope into a spawned task with \
                 `Scope::current()`"
            ),
            RequestApiErrorKind::NoRequest => write!(
                f,
                "`{api}()` was called where there is no request, at {caller}: in `run` and in a \
                 job; pass what the code needs as an argument"
            ),
            RequestApiErrorKind::NoLayer => write!(
                f,
                "`{api}()` was called where no request is in scope, at {caller}: add `AfterLayer` \
                 as the outermost layer of the service"
            ),
            RequestApiErrorKind::Prerender { path, waits: true } => write!(
                f,
                "`{api}()` at {caller} asks for a request while `{path}` is prerendered: the page \
                 is rendered for each request instead"
            ),
            RequestApiErrorKind::Prerender { path, waits: false } => write!(
                f,
                "`{api}()` at {caller} asks for a request after `{path}` was prerendered, which \
                 had none: ask while the page renders, so that it is rendered for each request"
            ),
            RequestApiErrorKind::InRenderTask { kind, handler, scheduled, route } => write!(
                f,
                "`{api}()` at {caller} runs in a task of the {kind} `{handler}` ({route}; \
                 scheduled at {scheduled}): the task runs after the {kind} has rendered, when the \
                 request is gone; call `{api}()` before `after` and move the value in (in a \
                 `route` or `server_fn` it would be allowed)"
            ),
        }?;
        f.write_str(MORE)
    }
}

impl Error for RequestApiError {}

/// The error of [`Cookies::set`](crate::Cookies::set) and
/// [`Cookies::remove`](crate::Cookies::remove): the cookie was not written.
#[derive(Debug)]
pub struct CookieWriteError {
    cookie: String,
    caller: Caller,
    kind: CookieWriteErrorKind,
}

#[derive(Debug)]
pub(crate) enum CookieWriteErrorKind {
    InRender(Kind, &'static str),
    InTask(Caller),
    HeadSent,
    Invalid,
}

impl CookieWriteError {
    pub(crate) fn new(cookie: &str, caller: Caller, kind: CookieWriteErrorKind) -> Self {
        Self { cookie: cookie.to_owned(), caller, kind }
    }

    /// Returns whether the caller is a component or a metadata function.
    #[must_use]
    pub fn is_in_component(&self) -> bool {
        matches!(self.kind, CookieWriteErrorKind::InRender(..))
    }

    /// Returns whether the caller is a task.
    #[must_use]
    pub fn is_in_task(&self) -> bool {
        matches!(self.kind, CookieWriteErrorKind::InTask(_))
    }

    /// Returns whether the head of the response had been produced already.
    #[must_use]
    pub fn is_head_sent(&self) -> bool {
        matches!(self.kind, CookieWriteErrorKind::HeadSent)
    }

    /// Returns whether the client would not keep the cookie as it was meant: a part of it holds a
    /// semicolon or a control character, its name is none, its path does not begin with `/`, or it
    /// is not what the prefix `__Secure-` or `__Host-` of its name promises.
    #[must_use]
    pub fn is_invalid(&self) -> bool {
        matches!(self.kind, CookieWriteErrorKind::Invalid)
    }
}

impl fmt::Display for CookieWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cookie, caller, .. } = self;
        write!(f, "the cookie `{}` was not written, at {caller}: ", cookie.escape_debug())?;
        match &self.kind {
            CookieWriteErrorKind::InRender(kind, handler) => write!(
                f,
                "`{handler}` is a {kind}, which cannot write cookies; write it in a `route`, \
                 `server_fn` or `middleware` function"
            ),
            CookieWriteErrorKind::InTask(scheduled) => write!(
                f,
                "a task (scheduled at {scheduled}) runs when the headers are already sent; write \
                 it in the handler, before it returns"
            ),
            CookieWriteErrorKind::HeadSent => f.write_str(
                "the headers are already sent; write it before the handler returns its response",
            ),
            CookieWriteErrorKind::Invalid => f.write_str(
                "a client would refuse it, or read it as another one; a name is not empty and holds \
                 no `=` or space, a path begins with `/`, no part holds `;` or a control character \
                 (encode the value, for instance in base64), and what is called `__Secure-..` or \
                 `__Host-..` is secure, the latter for the path `/` without a domain",
            ),
        }?;
        f.write_str(MORE)
    }
}

impl Error for CookieWriteError {}
