#![deny(warnings)]

use std::collections::BTreeMap;
use with_after::with_after;

#[with_after]
pub async fn shop() -> Vec<u8> {
    "123".bytes().collect()
}

#[with_after]
pub async fn result() -> Result<BTreeMap<u8, u8>, String> {
    let map = [(1, 2)].into_iter().collect();
    Ok(map)
}

#[with_after]
pub async fn boxed() -> Box<dyn Fn(u8) -> u8> {
    Box::new(|x| x + 1)
}
