#![deny(warnings)]

use with_after::{after, try_headers, with_after};

async fn save(count: usize) {
    println!("{count}");
}

#[with_after(component)]
pub async fn page(count: Option<usize>) {
    after(save(count.unwrap_or_else(|| try_headers().map_or(0, |headers| headers.len()))));
}
