//! Guides: how to use the crate on each host.

pub mod hosts;
