#![deny(warnings)]
#![deny(elided_lifetimes_in_paths, let_underscore_drop, missing_docs, single_use_lifetimes)]
#![deny(unreachable_pub, unused, unused_lifetimes, unused_qualifications)]
//! What `#[cache]` stands on.

use std::{fmt::Display, hash::Hash, sync::Arc};

use with_after::{cache, with_after};

/// A pool, which nothing compares.
#[derive(Debug)]
pub struct Pool;

/// References are kept as what they refer to.
#[cache]
pub async fn borrows(name: &str, bytes: &[u8], number: &u64, names: &[String]) -> usize {
    name.len() + bytes.len() + names.len() + usize::try_from(*number).unwrap_or(0)
}

/// Named lifetimes too.
#[cache]
pub async fn lifetimes<'a, 'b>(long: &'a str, short: &'b str) -> String
where
    'a: 'b,
{
    let either: &'b str = if long.is_empty() { short } else { long };
    either.to_owned()
}

/// A static one is no borrow.
#[cache]
pub fn statics(name: &'static str, set: Option<&'static str>) -> Option<&'static str> {
    Some(name).or(set)
}

/// Neither is a function's argument.
#[cache]
pub fn functions(function: fn(&str) -> usize) -> usize {
    function("name")
}

/// What is left out of the key need not be comparable, nor owned.
#[cache(skip(pool, buffer))]
pub async fn skips(pool: &Pool, id: u64, buffer: &mut Vec<u8>) -> Result<Arc<str>, String> {
    buffer.push(1);
    let text: Arc<str> = Err(format!("{pool:?}"))?;
    Ok(if id == 0 { return Ok("zero".into()) } else { text })
}

/// Arguments may be changed, and raw.
#[cache]
pub async fn changes(mut number: u32, r#type: u32) -> u32 {
    number += r#type;
    number
}

/// Also in a sync function, which may return early.
#[cache]
pub fn sync(mut number: u32) -> Result<u32, std::num::ParseIntError> {
    number += "1".parse::<u32>()?;
    if number > 3 {
        return Ok(3);
    }
    Ok(number)
}

/// Generic over types and numbers.
#[cache]
pub async fn generic<T, const N: usize>(value: T, numbers: [u8; N]) -> Vec<T>
where
    T: Hash + Eq + Clone + Send + Sync + 'static,
{
    vec![value; numbers.len()]
}

/// A type that no argument has.
#[cache]
pub async fn size<T>() -> usize {
    size_of::<T>()
}

/// Arguments of an unnamed type.
#[cache]
pub async fn unnamed(name: impl AsRef<str> + Hash + Eq + Clone + Send + 'static) -> usize {
    name.as_ref().len()
}

/// A value of an unnamed type.
#[cache]
pub async fn opaque(number: u8) -> impl Display {
    number
}

/// Also in a sync function.
#[cache]
pub fn opaque_sync(number: u8) -> impl Display + Clone {
    number
}

/// Nothing to return, nothing to tell.
#[cache]
pub async fn nothing() {}

/// Thirteen arguments.
#[expect(
    clippy::many_single_char_names,
    clippy::too_many_arguments,
    reason = "tuples end at twelve"
)]
#[cache]
pub fn many(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
    m: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l + m
}

/// Names cannot clash.
#[cache]
pub async fn names(cell: u8, key: u8, none: u8, output: u8) -> u8 {
    cell + key + none + output
}

/// Marked too.
#[cache]
#[with_after(component)]
pub async fn marked_below(id: u64) -> u64 {
    id
}

/// Marked too.
#[with_after(component)]
#[cache]
pub async fn marked_above(id: u64) -> u64 {
    id
}

/// A type with functions of its own.
#[derive(Debug)]
pub struct Table<T>(T);

impl<T: Default + Clone + Send + Sync + 'static> Table<T> {
    /// Has no `self`.
    #[cache]
    pub async fn first(id: u64) -> Option<T> {
        (id > 0).then(T::default)
    }
}

/// Recursion needs a box, as without `#[cache]`.
#[cache]
pub async fn fibonacci(n: u64) -> u64 {
    match n {
        0 | 1 => n,
        _ => Box::pin(fibonacci(n - 1)).await + Box::pin(fibonacci(n - 2)).await,
    }
}

/// Framework code names another path.
#[cache(crate = with_after)]
pub async fn other_path() {}

fn assert_send(_: impl Send) {}

/// What is returned can be sent.
pub fn check() {
    assert_send(skips(&Pool, 1, &mut Vec::new()));
    assert_send(generic(1, [2]));
    assert_send(marked_above(1));
}
