use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    let Some(name) = Some("x") else {
        after(async {
            cookies().await;
        });
        return String::new();
    };
    name.to_owned()
}

fn main() {}
