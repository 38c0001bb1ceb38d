//! The render of a page without a request.

use std::{future::poll_fn, pin::pin, task::Poll};

use bytes::Bytes;
use http::{StatusCode, header::SET_COOKIE};

use super::{
    Dynamic, Host, Kept, Piece, collect, markup,
    pieces::Holes,
    scopes::{PageScope, Scheduled, Unfinished},
};
use crate::{
    api::Interrupt,
    error::BoxError,
    net::contain,
    outcome::End,
    prerender::describe::{Content, Head, Page, Params, Rendering},
    work::Cause,
};

/// What a component has returned, cut at its holes.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) head: Head,
    pub(crate) pieces: Vec<Piece>,
}

impl Text {
    pub(super) fn new(content: Content, holes: &Holes) -> Result<Self, BoxError> {
        let Content { head, body, .. } = content;
        let pieces = holes.cut(body)?;
        if pieces.len() > 1 && !head.is_html() {
            return Err("only HTML can have holes".into());
        }
        Ok(Self { head, pieces })
    }

    /// Returns the text, if it has no holes.
    pub(crate) fn whole(&self) -> Option<&Bytes> {
        match &self.pieces[..] {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// A render that is done, and whose tasks wait for [`finish`](Self::finish).
#[must_use = "the tasks run when the render is finished"]
pub(crate) struct Rendered {
    scope: PageScope,
    end: End,
    status: StatusCode,
}

/// Renders `page` in a scope of its own.
///
/// # Cancel safety
///
/// Dropping the future drops the component; the tasks scheduled so far run.
pub(crate) async fn render(
    page: &Page,
    path: &str,
    params: &Params,
    host: Host,
) -> (Result<Kept, Cause>, Rendered) {
    let scope = PageScope::open(path, host);
    let result = scope.run(in_net(collect(|| (page.component)(params)))).await;
    let result = match result {
        Ok(Ok(text)) => keep(text),
        Ok(Err(Cause::Error(error))) => match error.downcast::<Interrupt>() {
            Ok(interrupt) => keep_interrupt(&interrupt),
            Err(error) => Err(Cause::Error(error)),
        },
        Ok(Err(cause)) => Err(cause),
        Err(Unfinished::TimedOut(after)) => Err(Cause::TimedOut(after)),
        Err(Unfinished::Asked(lookup)) if page.rendering == Rendering::Static => {
            let dynamic = Dynamic::asked(lookup);
            Err(Cause::Error(format!("it must be static, and is dynamic: {dynamic}").into()))
        }
        Err(Unfinished::Asked(lookup)) => Ok(Kept::Dynamic(Dynamic::asked(lookup))),
    };
    let (end, status) = ending(&result);
    (result, Rendered { scope, end, status })
}

/// Returns how a render ended, as its tasks see it.
fn ending(result: &Result<Kept, Cause>) -> (End, StatusCode) {
    let end = match result {
        Ok(Kept::Interrupt { status, .. }) => return (End::Completed, *status),
        Ok(_) => return (End::Completed, StatusCode::OK),
        Err(Cause::Panicked(_)) => End::Panicked,
        Err(Cause::TimedOut(_)) => End::Cancelled,
        Err(_) => End::Completed,
    };
    (end, StatusCode::INTERNAL_SERVER_ERROR)
}

fn keep(text: Text) -> Result<Kept, Cause> {
    if text.head.headers.contains_key(SET_COOKIE) {
        let why = "it sets a cookie, which everybody would get: a static page is shared";
        return Err(Cause::Error(why.into()));
    }
    if text.pieces.len() > 1 {
        markup::check(&text.pieces).map_err(|fault| Cause::Error(fault.into()))?;
    }
    Ok(Kept::text(text))
}

/// A redirect that nobody could follow is a failure, lest it be kept.
fn keep_interrupt(interrupt: &Interrupt) -> Result<Kept, Cause> {
    if let Ok(location) = interrupt.location_header() {
        return Ok(Kept::Interrupt { status: interrupt.status(), location });
    }
    let to = interrupt.location().unwrap_or_default();
    let shown: String = to.chars().take(40).collect();
    let why = format!("the target of its redirect, {shown:?}, holds a control character");
    Err(Cause::Error(why.into()))
}

impl Rendered {
    /// Lets the tasks run: the render is finished.
    pub(crate) fn finish(self) -> Scheduled {
        self.scope.finish(self.end, self.status)
    }
}

/// Runs the user's code, and turns its panic into a failure; that of a drop too, which comes too
/// late to be one: it is told in the log.
pub(crate) async fn in_net<T>(
    render: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, Cause> {
    let mut render = pin!(Some(render));
    let result = poll_fn(|cx| {
        let Some(running) = render.as_mut().as_pin_mut() else { return Poll::Pending };
        match contain(|| running.poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(message) => Poll::Ready(Err(message)),
        }
    });
    let result = result.await;
    if let Err(panic) = contain(|| render.set(None)) {
        tracing::error!(target: "with_after", panic, "what a component captured panicked in its drop (see with_after::guide::troubleshooting)");
    }
    result.map_err(Cause::Panicked)?.map_err(Cause::Error)
}
