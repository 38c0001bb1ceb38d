#![deny(warnings)]

use with_after::with_after;

#[with_after]
pub async fn shop() -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

#[with_after]
pub fn sync() -> ! {
    panic!("closed")
}
