use with_after::{after, try_cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let job = || try_cookies().map(drop);
    after(job);
    String::new()
}

fn main() {}
