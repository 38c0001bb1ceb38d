//! Guides: what belongs after the response, how to set up each host, what the names of other
//! frameworks become here, and how to have the compiler look into the functions that tasks call.

pub mod hosts;

#[doc = include_str!("choosing.md")]
pub mod choosing {}

#[doc = include_str!("coming_from.md")]
pub mod coming_from {}

#[doc = include_str!("transitive.md")]
pub mod transitive {}
