use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        let _counts = vec![0, headers().await.len()];
    });
    String::new()
}

fn main() {}
