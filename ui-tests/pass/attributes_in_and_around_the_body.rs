#![deny(warnings)]
#![allow(unused_attributes, clippy::non_minimal_cfg)]
use with_after::with_after;

/// Documented.
#[must_use]
#[inline]
#[cfg(all())]
#[with_after]
pub async fn shop() -> u8 {
    #![allow(unused_variables)]
    let unused = 1;
    2
}

#[with_after]
pub fn sync(#[cfg(any())] missing: u8, #[allow(unused)] present: u8) -> u8 {
    1
}
