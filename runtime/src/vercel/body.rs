//! The body of a response.

use std::{
    pin::Pin,
    sync::PoisonError,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use vercel_runtime::Error;

use super::host::Open;
use crate::sync::{Mutex, lock};

/// A body whose invocation is open until it is dropped.
///
/// It can be shared between threads, though nobody does: `vercel_runtime` asks for it, and axum's
/// body cannot.
pub(super) struct Held<B> {
    body: Mutex<Pin<Box<B>>>,
    // Dropped after the body, whose drop may schedule.
    _open: Open,
}

impl<B> Held<B> {
    pub(super) fn new(body: B, open: Open) -> Self {
        Self { body: Mutex::new(Box::pin(body)), _open: open }
    }
}

impl<B> Body for Held<B>
where
    B: Body<Data = Bytes, Error: Into<Error>>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        body.as_mut().poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.body).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.body).size_hint()
    }
}
