//! Response bodies.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{BoxError, body::Body};
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http_body::Frame;
use http_body_util::StreamBody;

/// A stream of `parts`, of which nobody knows the length.
pub(crate) fn chunked(parts: &'static [&'static str]) -> Body {
    Body::from_stream(stream::iter(parts.iter().copied().map(Ok::<_, Infallible>)))
}

/// `start`, and then nothing until `gate` is done, and then the end.
pub(crate) fn stalled(
    start: &'static str,
    gate: impl Future<Output = ()> + Send + 'static,
) -> Body {
    let start = stream::iter([Ok::<_, Infallible>(start)]);
    let rest = gate.map(|()| Ok("")).into_stream();
    Body::from_stream(start.chain(rest))
}

/// `start`, and then an error.
pub(crate) fn failing(start: &'static str) -> Body {
    let frames: [Result<_, BoxError>; 2] = [Ok(start), Err("the source is lost".into())];
    Body::from_stream(stream::iter(frames))
}

/// `frames`, as they are.
pub(crate) fn frames<const N: usize>(frames: [Frame<Bytes>; N]) -> Body {
    Body::new(StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>))))
}

/// A body that is made of the user's code: `poll` yields its data.
pub(crate) fn probe(
    poll: impl FnMut() -> Option<&'static str> + Send + Unpin + 'static,
    on_drop: impl FnMut() + Send + Unpin + 'static,
) -> Body {
    Body::new(Probe { poll, on_drop })
}

struct Probe<P, D: FnMut()> {
    poll: P,
    on_drop: D,
}

impl<P, D> http_body::Body for Probe<P, D>
where
    P: FnMut() -> Option<&'static str> + Unpin,
    D: FnMut() + Unpin,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready((self.poll)().map(|data| Ok(Frame::data(Bytes::from_static(data.as_bytes())))))
    }
}

impl<P, D: FnMut()> Drop for Probe<P, D> {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}
