//! Where the work runs: how to set each host up, what is guaranteed there, and what is not.
//!
//! | host | feature | tasks run |
//! |---|---|---|
//! | [server process](self::server) (axum, hyper, tower) | `axum`, or none | when the response is finished |
//! | [container] | as above | as above; SIGTERM drains |
//! | [actix-web](self::actix) | `actix` | when the body has ended |
//! | [AWS Lambda](self::lambda) | `lambda` | between the response and the next invocation |
//! | [gRPC](self::grpc) (tonic) | `axum`, or none | when the trailers are written |
//! | [Vercel](self::vercel) | `vercel` | when the body has ended; the invocation ends after them |
//! | [Leptos](self::leptos), server functions | `leptos` | when the last part has been streamed |
//! | [static export](self::static_export) | `prerender` | never: the export is refused |
//! | any other | | the trait [`Platform`](crate::platform::Platform) |

#[cfg(feature = "actix")]
#[doc = include_str!("hosts/actix.md")]
pub mod actix {}

#[doc = include_str!("hosts/container.md")]
pub mod container {}

// Its example names what `tonic-build` writes.
#[doc = include_str!("hosts/grpc.md")]
pub mod grpc {}

// The example is an axum router.
#[cfg(all(feature = "lambda", feature = "axum"))]
#[doc = include_str!("hosts/lambda.md")]
pub mod lambda {}

// Its example is compiled by `tests/hosts`, which has Leptos among its dependencies.
#[cfg(not(doctest))]
#[doc = include_str!("hosts/leptos.md")]
pub mod leptos {}

#[doc = include_str!("hosts/server.md")]
pub mod server {}

#[cfg(feature = "prerender")]
#[doc = include_str!("hosts/static_export.md")]
pub mod static_export {}

// The example is an axum router.
#[cfg(all(feature = "vercel", feature = "axum"))]
#[doc = include_str!("hosts/vercel.md")]
pub mod vercel {}
