use with_after::{headers, with_after};

#[with_after(component)]
async fn page() -> String {
    use with_after::try_after as try_later;
    try_later(async {
        headers().await;
    })
    .unwrap();
    String::new()
}

fn main() {}
