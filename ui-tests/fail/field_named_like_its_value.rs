//! The value of a field that is written by its name alone.

use with_after::{after, headers, with_after};

struct Read<F> {
    headers: F,
}

#[with_after(component)]
async fn page() {
    after(async {
        let read = Read { headers };
        (read.headers)().await;
    });
}

fn main() {
    let _ = page();
}
