use with_after::{cookies, task, with_after};

#[with_after(component)]
async fn page() -> String {
    task("mail").unique().schedule(async {
        cookies().await;
    });
    String::new()
}

fn main() {}
