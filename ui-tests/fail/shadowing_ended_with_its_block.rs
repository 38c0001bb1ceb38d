use with_after::{after, try_cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    {
        let try_cookies = || 1;
        try_cookies();
    }
    after(|| try_cookies().map(drop));
    String::new()
}

fn main() {}
