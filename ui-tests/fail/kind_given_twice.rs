use with_after::with_after;

#[with_after(route, component)]
async fn shop() {}

fn main() {
    drop(shop());
}
