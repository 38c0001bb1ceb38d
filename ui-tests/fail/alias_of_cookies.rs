use with_after::{after, with_after};

#[with_after(component)]
async fn page() -> String {
    use with_after::cookies as jar;
    after(async {
        jar().await;
    });
    String::new()
}

fn main() {}
