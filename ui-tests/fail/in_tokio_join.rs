use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        let (_jar, _headers) = tokio::join!(cookies(), async { 1 });
    });
    String::new()
}

fn main() {}
