use with_after::{after, cookies, with_after};

struct Page;

impl Page {
    #[with_after(component)]
    async fn render(&self) -> String {
        after(async {
            cookies().await;
        });
        String::new()
    }
}

fn main() {}
