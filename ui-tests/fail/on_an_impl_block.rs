use with_after::with_after;

struct Shop;

#[with_after]
impl Shop {
    fn open() {}
}

fn main() {
    Shop::open();
}
