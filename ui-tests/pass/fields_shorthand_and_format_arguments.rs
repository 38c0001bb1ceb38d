#![deny(warnings)]

use with_after::{after, cookies, with_after};

pub struct Seen {
    cookies: usize,
    headers: &'static str,
}

#[with_after(component)]
pub async fn page() {
    let (cookies, headers) = (cookies().await.iter().count(), "headers()");
    after(async move {
        let seen = Seen { cookies, headers };
        println!("cookies() {cookies} {}, {headers}", seen.cookies);
        println!("{cookies} {}", seen.headers, cookies = 1);
        assert!(matches!(Some(1), Some(headers) if headers > 0));
    });
}
