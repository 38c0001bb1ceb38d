#![deny(warnings)]

use with_after::{Cookies, after, cookies, headers, task, with_after};

async fn save(cookies: Cookies, count: usize) {
    drop((cookies, count));
}

#[with_after(component)]
pub async fn page() {
    after(save(cookies().await, headers().await.len()));
    after({
        let cookies = cookies().await;
        async move { drop(cookies) }
    });
    task("count").schedule(save(cookies().await, 1));
}
