use with_after::with_after;

#[with_after(max_duration = 1, max_duration = 2)]
async fn shop() {}

fn main() {
    drop(shop());
}
