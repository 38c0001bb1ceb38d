//! The holes of one response, as they are rendered.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, FutureExt as _},
    stream::FuturesUnordered,
};
use tokio::time::timeout;

use crate::{
    api::Interrupt,
    prerender::{
        describe::{OnFailure, Options},
        render::{Hole, Piece, RequestScope, Text, is_closed},
    },
    work::Cause,
};

/// How deep holes are in holes: deeper ones contain themselves.
const MAX_DEPTH: usize = 16;

/// How many holes a response fills.
const MAX_HOLES: usize = 10_000;

/// A piece of a page, whose holes are numbered.
pub(super) enum Part {
    Text(Bytes),
    Hole(Name, Arc<Hole>),
}

/// How a response calls a hole.
#[derive(Clone)]
pub(super) struct Name {
    pub(super) number: usize,
    pub(super) text: Arc<str>,
}

/// The holes of one response that are being rendered.
pub(super) struct Holes {
    scope: RequestScope,
    max_duration: Duration,
    error_fallback: Bytes,
    on_failure: Option<OnFailure>,
    path: Arc<str>,
    /// Begins the names: nobody can guess it, so no content can pretend to be a hole.
    nonce: u64,
    begun: usize,
    rendering: FuturesUnordered<BoxFuture<'static, Filled>>,
}

/// A hole that was rendered.
pub(super) struct Filled {
    pub(super) name: Name,
    pub(super) pieces: Vec<Piece>,
    pub(super) depth: usize,
}

impl Holes {
    pub(super) fn new(path: &Arc<str>, options: &Options) -> Self {
        Self {
            scope: RequestScope::current(),
            max_duration: options.max_duration,
            error_fallback: options.error_fallback.clone(),
            on_failure: options.on_failure.clone(),
            path: Arc::clone(path),
            nonce: RandomState::new().hash_one("response"),
            begun: 0,
            rendering: FuturesUnordered::new(),
        }
    }

    /// Begins to render the holes among `pieces`, which are in so many holes themselves.
    pub(super) fn begin(&mut self, pieces: &[Piece], depth: usize) -> Vec<Part> {
        let parts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Part::Text(text.clone()),
            Piece::Hole(hole) => {
                self.begun += 1;
                let number = self.begun;
                let fits = depth < MAX_DEPTH && number <= MAX_HOLES;
                let rendering = self.fill(Arc::clone(hole), fits);
                let depth = depth + 1;
                let text = format!("with-after-{:016x}-{number}", self.nonce).into();
                let name = Name { number, text };
                let filled = {
                    let name = name.clone();
                    rendering.map(move |pieces| Filled { name, pieces, depth })
                };
                self.rendering.push(filled.boxed());
                Part::Hole(name, Arc::clone(hole))
            }
        });
        parts.collect()
    }

    /// Waits for the next hole that is rendered; `None` if none is left.
    pub(super) async fn rendered(&mut self) -> Option<Filled> {
        self.rendering.next().await
    }

    /// Renders a hole; shows the error fallback where that fails.
    fn fill(&self, hole: Arc<Hole>, fits: bool) -> impl Future<Output = Vec<Piece>> + Send + use<> {
        let (limit, location) = (self.max_duration, hole.location);
        let scope = self.scope.clone();
        let render = scope.run(async move {
            if !fits {
                return Err(Cause::Error(too_many().into()));
            }
            let rendered = timeout(limit, hole.render()).await;
            rendered.unwrap_or(Err(Cause::TimedOut(limit)))
        });
        let (or, hook) = (self.error_fallback.clone(), self.on_failure.clone());
        let path = Arc::clone(&self.path);
        async move {
            let cause = match render.await.and_then(fitting) {
                Ok(pieces) => return pieces,
                Err(cause) => cause,
            };
            if let Some(redirect) = redirect(&cause) {
                return vec![Piece::Text(redirect)];
            }
            scope.report(format!("hole of {path}"), location, cause, hook.as_ref());
            vec![Piece::Text(or)]
        }
    }
}

fn too_many() -> String {
    format!(
        "it is one hole too many: {MAX_HOLES} a response, {MAX_DEPTH} deep; a hole that contains \
         itself never ends"
    )
}

/// Returns the content of a hole, or why it cannot stand in a page.
fn fitting(text: Text) -> Result<Vec<Piece>, Cause> {
    let fault = if !text.head.is_plain() {
        Some("a hole has neither type, status nor headers: those of the page have been sent")
    } else if text.pieces.iter().any(may_close) && !is_closed(&shown(&text.pieces)) {
        Some("its content closes a `<template>` that it did not open, and would end there")
    } else {
        None
    };
    match fault {
        Some(fault) => Err(Cause::Error(fault.into())),
        None => Ok(text.pieces),
    }
}

/// Returns whether a text may end the template in which it is sent.
fn may_close(piece: &Piece) -> bool {
    let Piece::Text(text) = piece else { return false };
    text.windows(END.len()).any(|window| window.eq_ignore_ascii_case(END))
}

const END: &[u8] = b"</template";

fn shown(pieces: &[Piece]) -> String {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => String::from_utf8_lossy(text),
        Piece::Hole(hole) => hole.fallback.as_ref().into(),
    });
    texts.collect()
}

/// Returns what sends a browser elsewhere when it is shown.
fn redirect(cause: &Cause) -> Option<Bytes> {
    let Cause::Error(error) = cause else { return None };
    let to = error.downcast_ref::<Interrupt>()?.location_header().ok()??;
    let to = to.to_str().ok()?.replace('&', "&amp;").replace('"', "&quot;");
    Some(format!("<meta http-equiv=\"refresh\" content=\"0;url={to}\">").into())
}
