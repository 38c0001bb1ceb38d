//! The tower layer that opens a scope for each request, and decides when its response is finished.
//!
//! # When a response is finished
//!
//! A response is finished when its handler is done or dropped **and** its body has ended, failed
//! or been dropped. Under [`serve`][crate::serve()] the last byte must also have been handed to
//! the kernel: a server drops an ordinary body before it writes the first byte of it.
//!
//! A body counts as [`Completed`](crate::End::Completed) if
//!
//! - it said so: `None`, trailers, or `is_end_stream` at the start or after a frame,
//! - or it yielded as many bytes as its `size_hint` or `Content-Length` promise, after which
//!   hyper does not ask it for more,
//! - or none of it is ever sent: in answer to `HEAD`, and with the statuses 1xx, 204 and 304.
//!
//! Delivery is never proof of receipt. Over HTTP/1.1 a client that has sent more bytes than were
//! read (a pipelined request, an unread request body) can go away unnoticed, and hyper takes a
//! client that has only shut down its writing side for one that has gone away.
//!
//! An upgraded connection (a WebSocket) ends its response with the handshake.
#![cfg_attr(not(feature = "axum"), doc = "", doc = include_str!("../guide/links/axum.md"))]

mod body;
mod future;
mod layer;
mod service;

pub use self::{
    body::ResponseBody, future::ResponseFuture, layer::AfterLayer, service::AfterService,
};
