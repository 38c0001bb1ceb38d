#![deny(warnings)]

use with_after::{after, with_after};

#[with_after]
pub fn shop(open: bool) -> impl Future<Output = u8> + Send {
    after(|| {});
    let number = if open { 1 } else { 2 };
    async move { number }
}

fn wants_send<T: Send>(_: T) {}

pub fn check() {
    wants_send(shop(true));
}
