use with_after::{headers, with_after};

#[with_after(component)]
async fn page() -> String {
    use with_after::task as job;
    job("mail").schedule(async {
        headers().await;
    });
    String::new()
}

fn main() {}
