//! What the task calls comes from a function of the same body.

use with_after::{after, try_headers, with_after};

#[with_after(component)]
fn page() {
    fn reader() -> impl Fn() {
        || {
            let _ = try_headers();
        }
    }
    after(|| reader()());
}

fn main() {
    page();
}
