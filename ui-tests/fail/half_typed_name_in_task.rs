use with_after::{after, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async { coo });
    String::new()
}

fn main() {
    drop(page());
}
