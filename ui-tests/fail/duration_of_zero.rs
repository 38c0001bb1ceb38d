use with_after::with_after;

#[with_after(max_duration = "0s")]
async fn shop() {}

fn main() {
    drop(shop());
}
