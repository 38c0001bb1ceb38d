use with_after::with_after;

#[with_after]
const fn shop() {}

fn main() {
    shop();
}
