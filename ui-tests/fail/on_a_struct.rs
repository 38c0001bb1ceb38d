use with_after::with_after;

#[with_after]
struct Shop;

fn main() {
    drop(Shop);
}
