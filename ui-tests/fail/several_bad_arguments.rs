use with_after::with_after;

#[with_after(rout, max_duration = "soon", timeout = 3)]
async fn shop() {}

fn main() {
    drop(shop());
}
