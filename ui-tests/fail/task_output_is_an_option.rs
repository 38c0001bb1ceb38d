//! The output of a task that is neither `()` nor a `Result`.

use with_after::after;

fn main() {
    after(|| std::env::var("HOME").ok());
}
