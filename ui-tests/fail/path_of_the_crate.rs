use with_after::{after, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        with_after::cookies().await;
    });
    String::new()
}

fn main() {}
