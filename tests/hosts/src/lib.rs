//! Tests of hosts, see `it/`; and the examples of their guides that need their crates.

#[cfg(doctest)]
#[doc = include_str!("../../../runtime/src/guide/hosts/leptos.md")]
struct Leptos;
