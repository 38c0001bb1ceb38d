#![deny(warnings)]

use with_after::with_after;

pub mod core {}
pub mod std {}

#[with_after]
pub async fn shop(handler: u8, output: u8, future: u8, body: u8) -> u8 {
    let _guard = 1;
    handler + output + future + body
}

#[with_after]
pub fn sync(_guard: u8) -> u8 {
    _guard
}

#[with_after]
pub fn late(handler: u8, future: u8, body: u8, output: u8) -> impl Future<Output = u8> {
    async move { handler + future + body + output }
}
