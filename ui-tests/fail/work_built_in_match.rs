use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let job = match 1 + 1 {
        2 => {
            async {
                cookies().await;
            }
        }
        _ => return String::new(),
    };
    after(job);
    String::new()
}

fn main() {}
