use with_after::cache;

#[cache(skip(pol))]
async fn load(pool: &str, id: u64) -> u64 {
    id + pool.len() as u64
}

fn main() {
    drop(load("", 1));
}
