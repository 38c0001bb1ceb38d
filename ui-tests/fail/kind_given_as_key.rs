use with_after::with_after;

#[with_after(kind = route)]
async fn shop() {}

fn main() {
    drop(shop());
}
