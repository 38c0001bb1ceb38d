#![deny(warnings)]

use with_after::with_after;

#[with_after]
pub async fn r#type(r#in: u8) -> u8 {
    r#in
}

/// # Safety
/// None.
#[with_after]
pub async unsafe fn risky() {}

#[with_after]
pub extern "C" fn c() {}
