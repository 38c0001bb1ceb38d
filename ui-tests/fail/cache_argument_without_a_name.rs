use with_after::cache;

#[cache]
async fn load(_: u64) {}

fn main() {
    drop(load(1));
}
