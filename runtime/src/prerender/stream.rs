//! The parts of a page with holes, as they are rendered.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    future::ready,
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, FutureExt as _},
    stream::{self, BoxStream, FuturesUnordered},
};
use tokio::{task::yield_now, time::timeout};

use super::{
    builder::Options,
    content::Piece,
    suspense::{Hole, IN_PAGE, caught},
};
use crate::{
    scope::{self, ScopeState, in_scope},
    work::Cause,
};

/// The nonce that the `Content-Security-Policy` of the response names, for the scripts that fill
/// the [holes](super::suspense()) of a page.
///
/// Put it into the extensions of the request.
///
/// # Examples
///
/// ```
/// use with_after::prerender::CspNonce;
///
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(CspNonce::new("R4nd0mN0nce"));
/// ```
#[derive(Clone, Debug)]
pub struct CspNonce {
    value: Arc<str>,
}

impl CspNonce {
    /// Creates a nonce: in base64, and new for each response.
    ///
    /// # Panics
    ///
    /// Panics if `value` is not base64, which no policy could name.
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        let value = value.into();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte);
        assert!(value.bytes().all(fits), "the nonce {value:?} is not base64");
        Self { value }
    }
}

/// Moves the template before it to the place of its hole. Stands in a block of its own, so that
/// it leaves no names.
const SCRIPT: &str = "{const s=document.currentScript,t=s.previousElementSibling,n=t.dataset.hole,\
    h=document.getElementById(n);if(h){while(h.nextSibling&&h.nextSibling.data!==n)\
    h.nextSibling.remove();h.replaceWith(t.content)}t.remove();s.remove()}";

/// The part of the page after which its holes are sent.
const BODY_END: &str = "</body>";

/// Returns the page with the holes' fallbacks, and behind it each hole as it is rendered, with a
/// script that moves it to its place.
pub(super) fn out_of_order(
    pieces: &[Piece],
    options: &Options,
    nonce: Option<&CspNonce>,
) -> BoxStream<'static, Bytes> {
    let mut holes = Holes::new(options);
    let mut page = with_fallbacks(&holes.begin(pieces));
    let end = page.rfind(BODY_END).unwrap_or(page.len());
    let end = page.split_off(end);
    let nonce = nonce.map_or(String::new(), |nonce| format!(" nonce=\"{}\"", nonce.value));
    let filled = stream::unfold((holes, nonce, false), |(mut holes, nonce, sent)| async move {
        if !sent {
            // Lets the server send the page before the holes render.
            yield_now().await;
        }
        let (id, pieces) = holes.rendered().await?;
        let html = with_fallbacks(&holes.begin(&pieces));
        let part = format!(
            "<template data-hole=\"with-after-{id}\">{html}</template><script{nonce}>{SCRIPT}</script>"
        );
        Some((Bytes::from(part), (holes, nonce, true)))
    });
    let parts = stream::once(ready(Bytes::from(page))).chain(filled);
    parts
        .chain(stream::once(ready(Bytes::from(end))))
        .filter(|part| ready(!part.is_empty()))
        .boxed()
}

/// Returns the page from its beginning to its end, each part when all before it are there.
pub(super) fn in_order(pieces: &[Piece], options: &Options) -> BoxStream<'static, Bytes> {
    let mut holes = Holes::new(options);
    let parts = VecDeque::from(holes.begin(pieces));
    let state = (holes, parts, HashMap::new());
    let parts = stream::unfold(state, |(mut holes, mut parts, mut rendered)| async move {
        loop {
            match parts.pop_front()? {
                Part::Text(text) if text.is_empty() => {}
                Part::Text(text) => return Some((text, (holes, parts, rendered))),
                Part::Hole(id, _) => {
                    while !rendered.contains_key(&id) {
                        let (id, pieces) = holes.rendered().await?;
                        rendered.insert(id, holes.begin(&pieces));
                    }
                    let inner: Vec<_> = rendered.remove(&id).unwrap_or_default();
                    inner.into_iter().rev().for_each(|part| parts.push_front(part));
                }
            }
        }
    });
    parts.boxed()
}

/// A piece of a page, whose holes are numbered.
enum Part {
    Text(Bytes),
    Hole(usize, Arc<Hole>),
}

/// The holes of one response that are being rendered.
struct Holes {
    scope: Option<Arc<ScopeState>>,
    max_duration: Duration,
    error_fallback: Bytes,
    begun: usize,
    rendering: FuturesUnordered<BoxFuture<'static, (usize, Vec<Piece>)>>,
}

impl Holes {
    fn new(options: &Options) -> Self {
        Self {
            scope: scope::current(),
            max_duration: options.max_duration,
            error_fallback: Bytes::from(options.error_fallback.clone().into_owned()),
            begun: 0,
            rendering: FuturesUnordered::new(),
        }
    }

    /// Begins to render the holes among `pieces`.
    fn begin(&mut self, pieces: &[Piece]) -> Vec<Part> {
        let parts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Part::Text(text.clone()),
            Piece::Hole(hole) => {
                self.begun += 1;
                let id = self.begun;
                let (limit, or) = (self.max_duration, self.error_fallback.clone());
                let render = fill(Arc::clone(hole), limit, or).map(move |pieces| (id, pieces));
                self.rendering.push(in_scope(self.scope.clone(), IN_PAGE, render).boxed());
                Part::Hole(id, Arc::clone(hole))
            }
        });
        parts.collect()
    }

    /// Waits for the next hole that is rendered; `None` if none is left.
    async fn rendered(&mut self) -> Option<(usize, Vec<Piece>)> {
        self.rendering.next().await
    }
}

/// Renders a hole; shows `or` where that fails.
async fn fill(hole: Arc<Hole>, limit: Duration, or: Bytes) -> Vec<Piece> {
    let location = hole.location;
    let result = timeout(limit, caught(hole.render())).await;
    result.unwrap_or(Err(Cause::TimedOut(limit))).unwrap_or_else(|cause| {
        tracing::error!(target: "with_after", %location, %cause, "a hole was not filled");
        vec![Piece::Text(or)]
    })
}

/// Writes what is there at once; a hole is what stands between an empty template and a comment.
fn with_fallbacks(parts: &[Part]) -> String {
    let mut html = String::new();
    for part in parts {
        let written = match part {
            // All text was cut out of strings.
            Part::Text(text) => html.write_str(std::str::from_utf8(text).unwrap_or_default()),
            Part::Hole(id, hole) => write!(
                html,
                "<template id=\"with-after-{id}\"></template>{}<!--with-after-{id}-->",
                hole.fallback
            ),
        };
        // A string takes everything.
        written.unwrap_or_default();
    }
    html
}
