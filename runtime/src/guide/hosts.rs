//! Where the work runs: how to set each host up, what is guaranteed there, and what is not.

#[cfg(feature = "actix")]
#[doc = include_str!("hosts/actix.md")]
pub mod actix {}

// The example is an axum router.
#[cfg(all(feature = "lambda", feature = "axum"))]
#[doc = include_str!("hosts/lambda.md")]
pub mod lambda {}
