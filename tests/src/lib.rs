//! Integration tests, see `it/`; and the examples of the guide that need other crates.

#[cfg(doctest)]
#[doc = include_str!("../../runtime/src/guide/cookies.md")]
struct Cookies;

#[cfg(doctest)]
#[doc = include_str!("../../runtime/src/guide/logs.md")]
struct Logs;

#[cfg(doctest)]
#[doc = include_str!("../../runtime/src/guide/testing.md")]
struct Testing;
