use with_after::with_after;

trait Shop {
    #[with_after]
    fn open(&self);
}

impl Shop for () {
    fn open(&self) {}
}

fn main() {
    ().open();
}
