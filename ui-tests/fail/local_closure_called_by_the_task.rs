use with_after::{after, try_cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let seen = || try_cookies().is_ok();
    after(move || {
        seen();
    });
    String::new()
}

fn main() {}
