use with_after::with_after;

#[with_after(max_duration)]
async fn shop() {}

fn main() {
    drop(shop());
}
