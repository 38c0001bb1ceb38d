use with_after::{after, cookies, with_after};

#[with_after(route)]
async fn shop() -> String {
    after(async { cookies().await.remove("seen") });
    String::new()
}

fn main() {}
