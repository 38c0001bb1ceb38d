//! Tests of frameworks under `serve`, see `it/`; and the examples of their guide.

#[cfg(doctest)]
#[doc = include_str!("../../../runtime/src/guide/hosts/frameworks.md")]
struct Frameworks;
