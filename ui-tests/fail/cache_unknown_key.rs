use with_after::cache;

#[cache(ttl = "30s")]
async fn load(id: u64) -> u64 {
    id
}

fn main() {
    drop(load(1));
}
