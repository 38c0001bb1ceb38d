//! The compiler's own words.

use with_after::{after, with_after};

#[with_after]
async fn shop(name: String) -> usize {
    after(async { println!("{name}") });
    name.len()
}

fn main() {
    let _ = shop(String::new());
}
