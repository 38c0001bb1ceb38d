use with_after::with_after;

#[with_after(max_duration = Duration::from_secs(30))]
async fn shop() {}

fn main() {
    drop(shop());
}
