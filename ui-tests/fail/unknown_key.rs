use with_after::with_after;

#[with_after(max_durations = 30)]
async fn shop() {}

fn main() {
    drop(shop());
}
