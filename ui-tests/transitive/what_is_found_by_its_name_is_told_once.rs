use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() {
    after(async { drop(cookies().await) });
}

fn main() {}
