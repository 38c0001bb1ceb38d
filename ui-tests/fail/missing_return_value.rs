use with_after::with_after;

#[with_after]
async fn shop() -> String {
    String::new();
}

fn main() {}
