//! Hosts other than hyper, each with its real crate.

mod actix;
mod grpc;
mod lambda;
mod leptos;
mod support;
mod tls;
