use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page(name: String) -> String {
    after(async {
        cookies().await;
    });
    name.
}

fn main() {
    drop(page(String::new()));
}
