use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(cookies);
    String::new()
}

fn main() {}
