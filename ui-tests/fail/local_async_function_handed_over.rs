use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    async fn read() {
        cookies().await;
    }
    after(read());
    String::new()
}

fn main() {}
