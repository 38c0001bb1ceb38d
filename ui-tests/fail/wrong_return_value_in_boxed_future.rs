use std::pin::Pin;
use with_after::with_after;

#[with_after]
fn shop() -> Pin<Box<dyn Future<Output = u8>>> {
    7
}

fn main() {}
