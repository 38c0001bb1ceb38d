use with_after::with_after;

#[with_after(crate = "with_after")]
async fn shop() {}

fn main() {
    drop(shop());
}
