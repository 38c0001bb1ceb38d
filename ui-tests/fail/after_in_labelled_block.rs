use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    'done: {
        after(async {
            cookies().await;
        });
        break 'done;
    }
    String::new()
}

fn main() {}
