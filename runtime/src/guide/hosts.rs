//! Where the work runs: how to set each host up, what is guaranteed there, and what is not.
//!
//! | host | feature | tasks run |
//! |---|---|---|
//! | [server process](self::server) (axum, hyper, tower) | `axum`, or none | when the response is finished |
//! | [container] | as above | as above; SIGTERM drains |
//! | [actix-web][self::actix] | `actix` | when the body has ended |
//! | [AWS Lambda][self::lambda] | `lambda` | between the response and the next invocation |
//! | [gRPC](self::grpc) (tonic) | `axum`, or none | when the trailers are written |
//! | [Vercel][self::vercel] | `vercel` | when the body has ended; the invocation ends after them |
//! | [poem, salvo, warp, others](self::frameworks) | `axum` | when the response is finished |
//! | [Leptos](self::leptos), server functions | `leptos` | when the last part has been streamed |
//! | [static export][self::static_export] | `prerender` | never: the export is refused |
//! | any other | | the trait [`Platform`](crate::platform::Platform) |
#![cfg_attr(not(feature = "actix"), doc = "", doc = include_str!("links/actix.md"))]
#![cfg_attr(not(feature = "lambda"), doc = "", doc = include_str!("links/lambda.md"))]
#![cfg_attr(not(feature = "prerender"), doc = "", doc = include_str!("links/prerender.md"))]
#![cfg_attr(not(feature = "vercel"), doc = "", doc = include_str!("links/vercel.md"))]

use super::page;

#[cfg(feature = "actix")]
page!(actix = "hosts/actix.md");

page!(container = "hosts/container.md");

// Its examples are compiled by `tests/frameworks`.
#[cfg(not(doctest))]
page!(frameworks = "hosts/frameworks.md");

// Its example names what `tonic-build` writes.
page!(grpc = "hosts/grpc.md");

// The example is an axum router.
#[cfg(all(feature = "lambda", any(feature = "axum", not(doctest))))]
page!(lambda = "hosts/lambda.md");

// Its example is compiled by `tests/hosts`, which has Leptos among its dependencies.
#[cfg(not(doctest))]
page!(leptos = "hosts/leptos.md");

page!(server = "hosts/server.md");

#[cfg(feature = "prerender")]
page!(static_export = "hosts/static_export.md");

// The example is an axum router.
#[cfg(all(feature = "vercel", any(feature = "axum", not(doctest))))]
page!(vercel = "hosts/vercel.md");
