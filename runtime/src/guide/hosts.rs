//! Where the work runs: how to set each host up, what is guaranteed there, and what is not.

#[cfg(feature = "actix")]
#[doc = include_str!("hosts/actix.md")]
pub mod actix {}
