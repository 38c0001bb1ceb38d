use with_after::{after, with_after};

#[with_after(route)]
async fn shop() {
    after(7);
}

fn main() {}
