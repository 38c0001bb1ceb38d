use with_after::with_after;

#[with_after(timeout = "30s")]
async fn shop() {}

fn main() {
    drop(shop());
}
