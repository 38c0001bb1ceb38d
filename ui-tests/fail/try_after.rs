use with_after::{cookies, try_after, with_after};

#[with_after(component)]
async fn page() -> String {
    try_after(async {
        cookies().await;
    })
    .ok();
    String::new()
}

fn main() {}
