use with_after::with_after;

#[with_after(xyzzy)]
async fn shop() {}

fn main() {
    drop(shop());
}
