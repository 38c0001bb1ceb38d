use std::cell::Cell;

use with_after::cache;

#[cache]
fn load(id: u64) -> Cell<u64> {
    Cell::new(id)
}

fn main() {
    load(1);
}
