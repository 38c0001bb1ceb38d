use with_after::{Cookie, after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async { cookies().await.set(Cookie::new("seen", "1")) });
    String::new()
}

fn main() {}
