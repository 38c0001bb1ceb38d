use with_after::{after, cookies, with_after};

async fn visitor() -> Option<String> {
    cookies().await.get("visitor").map(|cookie| cookie.value().to_owned())
}

async fn count_visitor() {
    drop(visitor().await);
}

#[with_after(component)]
async fn profile() -> &'static str {
    after(async {
        count_visitor().await;
    });
    "profile"
}

fn main() {}
