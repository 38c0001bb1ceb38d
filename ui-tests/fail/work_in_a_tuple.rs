use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let (_name, job) = ("mail", async {
        cookies().await;
    });
    after(job);
    String::new()
}

fn main() {}
