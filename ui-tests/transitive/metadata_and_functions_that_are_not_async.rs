use with_after::{after, uri, with_after};

async fn path() {
    uri().await;
}

#[with_after(metadata)]
async fn title() -> String {
    after(path());
    String::new()
}

#[with_after(component)]
fn footer() -> String {
    after(path());
    String::new()
}

struct Page;

impl Page {
    #[with_after(component)]
    async fn show(&self) {
        after(path);
    }
}

fn main() {}
