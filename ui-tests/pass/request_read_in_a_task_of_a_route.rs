#![deny(warnings)]

use with_after::{after, connection, cookies, headers, task, try_cookies, try_headers, with_after};

#[with_after(route)]
pub async fn shop() {
    after(async {
        connection().await;
        println!("{:?} {}", cookies().await.get("id"), headers().await.len());
    });
    after(|| try_cookies().map(drop));
    task("count").blocking().schedule(|| try_headers().map(drop));
}
