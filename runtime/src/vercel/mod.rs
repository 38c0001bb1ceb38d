//! Functions of Vercel, by way of `vercel_runtime`.
//!
//! Its page in the guide, with setup and limits:
//! [`guide::hosts::vercel`](crate::guide::hosts::vercel).

mod body;
mod host;
mod service;

pub use self::service::{Function, WithState, around, function};
