#![deny(warnings)]

use with_after::{after, with_after};

#[with_after]
pub async fn shop() {
    after(async {});
}
