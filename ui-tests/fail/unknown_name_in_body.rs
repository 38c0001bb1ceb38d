use with_after::with_after;

#[with_after]
async fn shop() -> u8 {
    count
}

fn main() {}
