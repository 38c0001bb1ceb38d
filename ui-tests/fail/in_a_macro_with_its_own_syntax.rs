use with_after::{after, cookies, with_after};

macro_rules! read {
    (from => $value:expr) => {
        let _ = $value;
    };
}

#[with_after(component)]
async fn page() -> String {
    after(async {
        read!(from => cookies().await);
    });
    String::new()
}

fn main() {}
