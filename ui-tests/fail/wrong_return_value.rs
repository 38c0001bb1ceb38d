use with_after::with_after;

#[with_after]
async fn shop() -> String {
    7
}

fn main() {}
