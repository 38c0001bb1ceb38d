use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let later = after;
    later(async {
        cookies().await;
    });
    String::new()
}

fn main() {}
