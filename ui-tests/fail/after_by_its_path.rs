use with_after::{cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    with_after::after(async {
        cookies().await;
    });
    String::new()
}

fn main() {}
