use with_after::with_after;

#[with_after]
async fn shop(open: bool) -> String {
    if !open {
        return 7;
    }
    String::new()
}

fn main() {}
