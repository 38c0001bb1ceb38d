use with_after::{after, connection, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        connection().await;
    });
    String::new()
}

fn main() {}
