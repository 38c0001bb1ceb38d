//! An error that is none.

use with_after::task;

fn main() {
    task("audit").schedule(|| Err::<(), ()>(()));
}
