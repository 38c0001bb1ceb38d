use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        println!("{:?}", cookies().await.get("id"));
    });
    String::new()
}

fn main() {}
