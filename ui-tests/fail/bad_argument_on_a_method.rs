use with_after::with_after;

struct Shop;

impl Shop {
    #[with_after(rout)]
    async fn open(&self) {}
}

fn main() {
    drop(Shop.open());
}
