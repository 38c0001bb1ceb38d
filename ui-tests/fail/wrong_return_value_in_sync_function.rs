use with_after::with_after;

#[with_after]
fn shop() -> String {
    7
}

fn main() {}
