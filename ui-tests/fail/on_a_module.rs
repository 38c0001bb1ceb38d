use with_after::with_after;

#[with_after(route)]
mod shop {
    pub fn open() {}
}

fn main() {
    shop::open();
}
