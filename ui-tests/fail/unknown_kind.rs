use with_after::with_after;

#[with_after(rout)]
async fn shop() {}

fn main() {
    drop(shop());
}
