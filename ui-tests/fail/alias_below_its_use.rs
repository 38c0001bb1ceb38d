use with_after::{after, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        jar().await;
    });
    use with_after::cookies as jar;
    String::new()
}

fn main() {}
