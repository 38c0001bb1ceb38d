#![deny(warnings)]

use with_after::{after, with_after};

#[with_after]
pub async fn shop(name: String) -> usize {
    after(async {});
    std::future::ready(()).await;
    name.len()
}

fn wants_send<T: Send + 'static>(_: T) {}

pub fn check() {
    wants_send(shop(String::new()));
}
