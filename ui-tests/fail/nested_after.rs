use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        after(async {
            cookies().await;
        });
    });
    String::new()
}

fn main() {}
