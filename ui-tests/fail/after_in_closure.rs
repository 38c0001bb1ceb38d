use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let schedule = || {
        after(async {
            cookies().await;
        });
    };
    schedule();
    String::new()
}

fn main() {}
