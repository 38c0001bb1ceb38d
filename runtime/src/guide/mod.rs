//! Guides: what belongs after the response, how to set up each host, and what the names of other
//! frameworks become here.

pub mod hosts;

#[doc = include_str!("choosing.md")]
pub mod choosing {}

#[doc = include_str!("coming_from.md")]
pub mod coming_from {}
