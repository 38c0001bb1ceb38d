use with_after::{after, headers, with_after};

#[with_after(component)]
async fn page() -> String {
    let job = async {
        headers().await;
    };
    after(job);
    String::new()
}

fn main() {}
