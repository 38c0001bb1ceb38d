#![deny(warnings)]

use with_after::{after, cookies, try_headers, with_after};

#[with_after(component)]
pub async fn page() {
    let count = || try_headers().map_or(0, |headers| headers.len());
    let read = async || cookies().await;
    let (count, cookies) = (count(), read().await);
    after(async move { drop((count, cookies)) });
}
