//! The attribute marks functions.

use with_after::with_after;

struct Shop;

#[with_after]
impl Shop {
    async fn page(&self) {}
}

fn main() {
    let _ = Shop.page();
}
