use with_after::with_after;

#[with_after]
const LIMIT: u8 = 1;

fn main() {
    drop(LIMIT);
}
