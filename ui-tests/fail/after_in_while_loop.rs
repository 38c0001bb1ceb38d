use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    while let Some(_) = Some(1) {
        after(async {
            cookies().await;
        });
        break;
    }
    String::new()
}

fn main() {}
