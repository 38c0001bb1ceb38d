use with_after::{headers, task, with_after};

#[with_after(component)]
async fn page() -> String {
    let mail = task("mail");
    mail.schedule(async {
        headers().await;
    });
    String::new()
}

fn main() {}
