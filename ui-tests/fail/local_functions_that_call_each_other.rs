use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async { one().await });
    async fn one() {
        two().await;
    }
    async fn two() {
        cookies().await;
    }
    String::new()
}

fn main() {}
