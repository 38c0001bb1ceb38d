use with_after::with_after;

#[with_after(max_duration = -1)]
async fn shop() {}

fn main() {
    drop(shop());
}
