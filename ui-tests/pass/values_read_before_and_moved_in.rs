#![deny(warnings)]

use with_after::{after, connection, cookies, headers, with_after};

#[with_after(component)]
pub async fn page() {
    connection().await;
    let cookies = cookies().await;
    let count = headers().await.len();
    after(async move {
        println!("{:?} {count}", cookies.get("id"));
    });
}
