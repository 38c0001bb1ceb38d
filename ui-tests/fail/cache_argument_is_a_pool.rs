//! A pool is no part of the key.

use with_after::cache;

#[derive(Clone)]
struct Pool;

#[cache]
async fn count(pool: &Pool, shelf: u64) -> u64 {
    let _ = pool;
    shelf
}

fn main() {
    let _ = count(&Pool, 1);
}
