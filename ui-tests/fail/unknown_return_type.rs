use with_after::with_after;

#[with_after]
async fn shop() -> Page {
    todo!()
}

fn main() {}
