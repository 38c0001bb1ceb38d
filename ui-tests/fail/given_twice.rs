use with_after::with_after;

#[with_after(route)]
#[with_after(component)]
async fn shop() {}

fn main() {
    drop(shop());
}
