use with_after::{task, try_headers, with_after};

#[with_after(component)]
async fn page() -> String {
    task("mail").blocking().try_schedule(|| try_headers().map(drop)).ok();
    String::new()
}

fn main() {}
