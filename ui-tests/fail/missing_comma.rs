use with_after::with_after;

#[with_after(route max_duration = 1)]
async fn shop() {}

fn main() {
    drop(shop());
}
