use with_after::{after, cookies, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        cookies().await;
        headers().await;
    });
    String::new()
}

fn main() {}
