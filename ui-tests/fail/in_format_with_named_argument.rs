use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        let _line = format!("{count} headers", count = headers().await.len());
    });
    String::new()
}

fn main() {}
