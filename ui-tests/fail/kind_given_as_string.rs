use with_after::with_after;

#[with_after("route")]
async fn shop() {}

fn main() {
    drop(shop());
}
