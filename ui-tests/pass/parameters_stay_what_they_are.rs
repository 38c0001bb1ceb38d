//! Parameters may be patterns, changed, left alone, marked, generic, or neither `Sync` nor moved.

#![deny(unused, clippy::all, clippy::pedantic, clippy::nursery, clippy::shadow_same)]
#![allow(clippy::ptr_arg)]

use std::{cell::Cell, marker::PhantomData};
use with_after::{cache, with_after};

pub struct State<T>(pub T);

#[with_after]
pub async fn changed(mut count: u64, State(mut names): State<Vec<String>>) -> usize {
    count += 1;
    names.push(count.to_string());
    names.len()
}

#[with_after]
pub async fn borrowed(names: &mut Vec<String>, (one, two): (&str, &str), _unused: u8) -> usize {
    names.push(format!("{one}{two}"));
    names.len()
}

#[with_after]
pub async fn marked(
    #[allow(unused_variables)] count: u64,
    #[allow(unused_mut)] mut twice: u64,
) -> u64 {
    twice
}

#[with_after]
pub fn in_a_future(
    mut count: u64,
    State(name): State<String>,
    _unused: u8,
) -> impl Future<Output = usize> {
    count += 1;
    async move { name.len() + usize::try_from(count).unwrap_or(0) }
}

#[cache]
pub async fn memoised(mut count: u64, name: &str, _unused: u8) -> usize {
    count += 1;
    name.len() + usize::try_from(count).unwrap_or(0)
}

/// `Copy` and `Send`, and not `Sync`.
#[derive(Clone, Copy)]
pub struct Odd(PhantomData<Cell<u8>>);

#[with_after]
pub async fn generic<T: Copy + Send>(value: T) -> T {
    tokio::task::yield_now().await;
    value
}

#[with_after]
pub async fn unnamed(value: impl Copy + Send) {
    tokio::task::yield_now().await;
    let _ = value;
}

pub struct Counter(Cell<u8>);

impl Counter {
    #[with_after]
    pub async fn up(mut self, by: u8) -> u8 {
        tokio::task::yield_now().await;
        self.0 = Cell::new(self.0.get() + by);
        self.0.get()
    }
}

fn is_send<T: Send>(_: T) {}

pub fn check() {
    is_send(generic(Odd(PhantomData)));
    is_send(unnamed(Odd(PhantomData)));
    is_send(Counter(Cell::new(1)).up(1));
    is_send(changed(1, State(Vec::new())));
}
