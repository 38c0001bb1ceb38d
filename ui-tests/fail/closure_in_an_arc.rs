//! What merely wraps work is no hiding place.

use std::sync::Arc;
use with_after::{after, try_headers, with_after};

#[with_after(component)]
fn page() {
    let read = Arc::new(|| try_headers().is_ok());
    after(move || {
        read();
    });
}

fn main() {
    page();
}
