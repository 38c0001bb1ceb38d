use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    for _ in 0..2 {
        after(async {
            cookies().await;
        });
    }
    String::new()
}

fn main() {}
