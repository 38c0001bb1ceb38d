//! The render of a page without a request.

use std::{
    future::poll_fn,
    hash::{DefaultHasher, Hasher as _},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use http::{HeaderValue, StatusCode};
use tokio::time::sleep;

use super::{
    Dynamic, Params,
    content::Piece,
    page::{Page, Rendering},
    suspense::{IN_PAGE, caught, collect},
};
use crate::{
    api::Interrupt,
    connection::Opened,
    error::Caller,
    host::Policy,
    outcome::End,
    outcome::{Ending, Grpc},
    scope::{Origin, Prerender, in_scope},
    work::Cause,
};

/// What a render found, and what is kept of the page.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// The page is rendered for each request.
    Dynamic(Dynamic),
    Text {
        pieces: Vec<Piece>,
        /// `None` if there are holes: the whole is never the same.
        etag: Option<HeaderValue>,
    },
    Interrupt(Interrupt),
}

/// A render that is done, and whose tasks wait for [`finish`](Self::finish).
#[must_use = "the tasks run when the render is finished"]
pub(super) struct Rendered {
    ending: Ending,
    opened: Opened,
    prerender: Arc<Prerender>,
}

/// Renders `page` in a scope of its own. It is cut after the time that its annotated function
/// names, else after the policy's.
///
/// # Cancel safety
///
/// Dropping the future drops the component; the tasks scheduled so far run.
pub(super) async fn render(
    page: &Page,
    path: &str,
    params: &Params,
    policy: Policy,
) -> (Result<Kept, Cause>, Rendered) {
    let limit = policy.max_duration.unwrap_or(Duration::MAX);
    let prerender = Arc::new(Prerender::new(path.to_owned()));
    let origin = Origin::Prerender(Arc::clone(&prerender));
    let opened = Opened::new(Arc::new(policy), origin);
    let scope = opened.scope().cloned();

    let result = {
        let component = caught(collect(|| (page.component)(params)));
        until_asked_or_late(in_scope(scope.clone(), IN_PAGE, component), &prerender, limit).await
    };
    let asked = prerender.end().map(Dynamic::asked);
    if let (Some(_), Some(scope)) = (&asked, &scope) {
        scope.discard();
    }
    let kept = match (asked, result) {
        (Some(dynamic), _) if page.rendering == Rendering::Static => {
            Err(Cause::Error(format!("it must be static, and is dynamic: {dynamic}").into()))
        }
        (Some(dynamic), _) => Ok(Kept::Dynamic(dynamic)),
        (None, Some(Ok(pieces))) => Ok(Kept::text(pieces)),
        (None, Some(Err(Cause::Error(error)))) => match error.downcast() {
            Ok(interrupt) => Ok(Kept::Interrupt(*interrupt)),
            Err(error) => Err(Cause::Error(error)),
        },
        (None, Some(Err(cause))) => Err(cause),
        (None, None) => Err(Cause::TimedOut(prerender.max_duration().unwrap_or(limit))),
    };
    let ending = ending(&kept);
    (kept, Rendered { ending, opened, prerender })
}

/// Runs `component` until it ends, asks for the request, or is late. Drops it in any case.
async fn until_asked_or_late<T>(
    component: impl Future<Output = T>,
    prerender: &Prerender,
    default: Duration,
) -> Option<T> {
    let mut component = pin!(component);
    let mut asked = pin!(prerender.asks());
    let mut late = None;
    poll_fn(|cx| {
        if let Poll::Ready(output) = component.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if asked.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        // Not before the first poll, in which the component names its limit.
        let late = late
            .get_or_insert_with(|| Box::pin(sleep(prerender.max_duration().unwrap_or(default))));
        late.as_mut().poll(cx).map(|()| None)
    })
    .await
}

impl Rendered {
    /// Lets the tasks run: the render is finished. Returns what knows where they are scheduled.
    pub(super) fn finish(mut self) -> Arc<Prerender> {
        self.opened.finish(self.ending);
        self.prerender
    }
}

/// Returns how a render ended, as its tasks see it.
fn ending(kept: &Result<Kept, Cause>) -> Ending {
    let end = match kept {
        Ok(Kept::Interrupt(interrupt)) => {
            return Ending { status: Some(interrupt.status()), ..Ending::returned() };
        }
        Ok(_) => return Ending::returned(),
        Err(Cause::Panicked(_)) => End::Panicked,
        Err(Cause::TimedOut(_)) => End::Cancelled,
        Err(_) => End::Completed,
    };
    Ending { status: Some(StatusCode::INTERNAL_SERVER_ERROR), grpc: Grpc::No, end, body_bytes: 0 }
}

impl Kept {
    fn text(pieces: Vec<Piece>) -> Self {
        let etag = match &pieces[..] {
            [Piece::Text(text)] => Some(etag(text)),
            _ => None,
        };
        Self::Text { pieces, etag }
    }

    /// Returns how many bytes it takes.
    pub(super) fn len(&self) -> usize {
        let Self::Text { pieces, .. } = self else { return 0 };
        let texts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Hole(hole) => hole.fallback.len(),
        });
        texts.sum()
    }

    /// Returns where the holes of the page are.
    pub(super) fn holes(&self) -> Vec<Caller> {
        let Self::Text { pieces, .. } = self else { return Vec::new() };
        let holes = pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Hole(hole) => Some(hole.location),
        });
        holes.collect()
    }
}

/// The same text has the same tag in every process of one build.
fn etag(text: &[u8]) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    hasher.write(text);
    let tag = format!("\"{:016x}-{:x}\"", hasher.finish(), text.len());
    // Digits, letters and quotes make a header.
    HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
}
