use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    let first = async {
        headers().await;
    };
    let second = first;
    after(second);
    String::new()
}

fn main() {}
