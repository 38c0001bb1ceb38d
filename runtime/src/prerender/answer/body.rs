//! The body of a page.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use http_body::{Body, Frame, SizeHint};

/// The body of a page: all of it at once, or its parts as they are rendered.
pub struct PageBody {
    content: Content,
}

enum Content {
    /// Empty once it was yielded.
    Whole(Bytes),
    Stream(BoxStream<'static, Bytes>),
    /// Of an unknown length, and sent to nobody: the answer to HEAD.
    Unsent,
}

impl PageBody {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self { content: Content::Whole(bytes) }
    }

    pub(super) fn stream(parts: BoxStream<'static, Bytes>) -> Self {
        Self { content: Content::Stream(parts) }
    }

    pub(super) fn unsent() -> Self {
        Self { content: Content::Unsent }
    }
}

impl Body for PageBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match &mut self.content {
            Content::Unsent => Poll::Ready(None),
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(std::mem::take(bytes))),
            Content::Stream(parts) => parts.poll_next_unpin(cx),
        };
        data.map(|data| data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole(bytes) => bytes.is_empty(),
            Content::Stream(_) => false,
            Content::Unsent => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(_) | Content::Unsent => SizeHint::default(),
        }
    }
}

impl fmt::Debug for PageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageBody").field("size", &self.size_hint()).finish_non_exhaustive()
    }
}
