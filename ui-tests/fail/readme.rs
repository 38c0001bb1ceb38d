use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        let visitor = cookies().await.get("visitor");
        println!("seen: {visitor:?}");
    });
    String::from("<h1>Tea</h1>")
}

fn main() {}
