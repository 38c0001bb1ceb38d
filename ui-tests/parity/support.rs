//! What the cases of the parity suite use: the types and functions of an ordinary shop.
#![allow(missing_docs, missing_debug_implementations)]

use std::{fmt, future::Future, pin::Pin};

#[derive(Clone)]
pub struct Db;

impl Db {
    pub async fn load(&self, id: u64) -> Result<Item, DbError> {
        Ok(Item { id, title: String::new(), tags: Vec::new() })
    }

    pub async fn insert(&mut self, item: Item) -> Result<u64, DbError> {
        Ok(item.id)
    }

    pub fn count(&self) -> usize {
        0
    }
}

#[derive(Debug)]
pub struct DbError;

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the database is gone")
    }
}

impl std::error::Error for DbError {}

#[derive(Debug, PartialEq)]
pub struct Item {
    pub id: u64,
    pub title: String,
    pub tags: Vec<String>,
}

pub struct Page(pub String);

pub enum Answer {
    Yes,
    No,
    Perhaps(u8),
}

/// No response.
pub struct Opaque;

pub struct State<T>(pub T);

pub async fn send(_: String) {}

pub fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[must_use]
pub fn receipt() -> u64 {
    1
}

#[deprecated = "call `receipt`"]
pub fn old_receipt() -> u64 {
    1
}

pub fn spawn<F: Future<Output: Send> + Send + 'static>(future: F) {
    drop(future);
}

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub trait Render {
    fn render(&self) -> String;
}

pub trait Shop {
    fn open(&self) -> impl Future<Output = bool>;
}
