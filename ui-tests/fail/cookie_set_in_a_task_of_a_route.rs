use with_after::{Cookie, after, cookies, with_after};

#[with_after(route)]
async fn shop() -> String {
    after(async { cookies().await.set(Cookie::new("seen", "1")) });
    String::new()
}

fn main() {}
