use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    let read = headers;
    after(async move {
        read().await;
    });
    String::new()
}

fn main() {}
