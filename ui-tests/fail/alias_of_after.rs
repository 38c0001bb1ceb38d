use with_after::{headers, with_after};

#[with_after(component)]
async fn page() -> String {
    use with_after::after as later;
    later(async {
        headers().await;
    });
    String::new()
}

fn main() {}
