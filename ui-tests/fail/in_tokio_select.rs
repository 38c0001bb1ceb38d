use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    after(async {
        tokio::select! {
            jar = cookies() => drop(jar),
            () = std::future::ready(()) => {}
        }
    });
    String::new()
}

fn main() {}
