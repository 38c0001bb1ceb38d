use with_after::{after, try_headers, with_after};

#[with_after(component)]
async fn page() -> String {
    after(move || try_headers().map(drop));
    String::new()
}

fn main() {}
