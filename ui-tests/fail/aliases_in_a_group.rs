use with_after::with_after;

#[with_after(component)]
async fn page() -> String {
    use with_after::{after as later, headers as fields};
    later(async {
        fields().await;
    });
    String::new()
}

fn main() {}
