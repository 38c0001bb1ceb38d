//! The attribute marks functions.

use with_after::{after, with_after};

fn main() {
    #[with_after]
    let page = || after(|| ());
    page();
}
