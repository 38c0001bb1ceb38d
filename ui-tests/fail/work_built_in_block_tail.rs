use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let job = {
        let id = 7;
        async move {
            cookies().await.get(&id.to_string());
        }
    };
    after(job);
    String::new()
}

fn main() {}
