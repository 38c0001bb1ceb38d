use with_after::{after, cookies, with_after};

#[with_after(metadata)]
async fn title() -> String {
    after(async {
        cookies().await;
    });
    String::new()
}

fn main() {}
