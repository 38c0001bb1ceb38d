use with_after::{after, try_headers, with_after};

fn helper<T>(read: impl Fn() -> T) {
    read();
}

#[with_after(component)]
async fn page() -> String {
    after(|| helper(try_headers));
    String::new()
}

fn main() {}
