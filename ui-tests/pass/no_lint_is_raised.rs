#![deny(warnings)]
#![deny(elided_lifetimes_in_paths, let_underscore_drop, missing_docs, single_use_lifetimes)]
#![deny(unreachable_pub, unused, unused_lifetimes, unused_qualifications)]
#![deny(clippy::nursery, clippy::pedantic)]
#![allow(clippy::missing_errors_doc, clippy::must_use_candidate)]
//! Every lint that an expansion could trip over.

use with_after::with_after;

/// Nothing to return.
#[with_after]
pub async fn nothing() {}

/// A unit result.
#[with_after(max_duration = 1)]
pub async fn unit() -> Result<(), String> {
    Ok(())
}

/// Returns a future.
#[with_after]
pub fn late() -> impl Future<Output = ()> {
    async {}
}

/// Is sync.
#[with_after]
pub fn sync() {}

/// Has its body on one line, where braces around it would be needless.
#[rustfmt::skip]
#[with_after]
pub async fn one_line() -> u8 { 1 }

/// So has this one.
#[rustfmt::skip]
#[with_after]
pub fn sync_line() -> u8 { 1 }
