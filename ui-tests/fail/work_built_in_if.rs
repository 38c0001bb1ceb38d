use with_after::{after, cookies, with_after};

fn page_is_long() -> bool {
    true
}

#[with_after(component)]
async fn page() -> String {
    let job = if page_is_long() {
        Box::pin(async {
            cookies().await;
        })
    } else {
        return String::new();
    };
    after(job);
    String::new()
}

fn main() {}
