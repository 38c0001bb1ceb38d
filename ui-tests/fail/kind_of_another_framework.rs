use with_after::with_after;

#[with_after(page)]
async fn shop() {}

fn main() {
    drop(shop());
}
