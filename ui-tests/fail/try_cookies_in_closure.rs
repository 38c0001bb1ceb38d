use with_after::{after, try_cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(|| {
        let _ = try_cookies();
    });
    String::new()
}

fn main() {}
