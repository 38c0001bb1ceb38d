//! The part that is work.

use with_after::{after, try_headers, with_after};

struct Page<F> {
    title: &'static str,
    read: F,
}

#[with_after(component)]
fn page() -> &'static str {
    let page = Page { title: "tea", read: || drop(try_headers()) };
    after(page.read);
    page.title
}

fn main() {
    page();
}
