//! Middleware for actix-web 4.
//!
//! Its page in the guide, with setup and limits: [`guide::hosts::actix`](crate::guide::hosts::actix).

mod body;
mod future;
mod head;
mod interrupt;
mod middleware;
mod service;

pub use self::{
    body::ResponseBody, future::ResponseFuture, middleware::AfterMiddleware, service::AfterService,
};
