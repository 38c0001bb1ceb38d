use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let read = async || {
        cookies().await;
    };
    after(async move { read().await });
    String::new()
}

fn main() {}
