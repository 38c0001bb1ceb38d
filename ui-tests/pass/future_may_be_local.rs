#![deny(warnings)]

use std::rc::Rc;
use with_after::with_after;

#[with_after]
pub async fn shop(name: Rc<str>) -> usize {
    std::future::ready(()).await;
    name.len()
}
