use with_after::{after, cookies, with_after};

#[with_after(component)]
async fn page() -> String {
    use tracing::Instrument as _;
    after(
        async {
            cookies().await;
        }
        .instrument(tracing::info_span!("mail")),
    );
    String::new()
}

fn main() {}
