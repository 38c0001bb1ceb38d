//! The output of a task that is neither `()` nor a `Result`.

use with_after::after;

async fn count() -> u64 {
    1
}

fn main() {
    after(count());
}
