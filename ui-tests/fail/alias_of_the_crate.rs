use with_after::with_after;

#[with_after(component)]
async fn page() -> String {
    use with_after as wa;
    wa::after(async {
        wa::cookies().await;
    });
    String::new()
}

fn main() {}
