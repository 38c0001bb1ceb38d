#![deny(warnings)]

use std::fmt::Display;
use with_after::{after, with_after};

#[with_after]
pub async fn shop<'a, T, const N: usize>(name: &'a str, things: [T; N]) -> &'a str
where
    T: Display + Send + 'static,
{
    after(move || {
        for thing in things {
            let _ = thing.to_string();
        }
    });
    name
}

#[with_after]
pub async fn elided(name: &str) -> &str {
    name
}

#[with_after]
pub fn sync<T: Clone>(thing: &T) -> (T, &T) {
    (thing.clone(), thing)
}
