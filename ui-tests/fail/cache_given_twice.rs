use with_after::cache;

#[cache]
#[cache]
async fn load(id: u64) -> u64 {
    id
}

fn main() {
    drop(load(1));
}
