use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    after(|| async {
        headers().await;
    });
    String::new()
}

fn main() {}
