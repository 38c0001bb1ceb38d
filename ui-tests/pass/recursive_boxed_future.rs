#![deny(warnings)]

use std::pin::Pin;
use with_after::with_after;

#[with_after]
pub fn countdown(from: u32) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        if from > 0 {
            countdown(from - 1).await;
        }
    })
}
