use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    match 1 + 1 {
        2 => after(async {
            cookies().await;
        }),
        _ => {}
    }
    String::new()
}

fn main() {}
