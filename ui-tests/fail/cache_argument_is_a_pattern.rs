use with_after::cache;

#[cache]
async fn load((id, name): (u64, String)) -> u64 {
    id + name.len() as u64
}

fn main() {
    drop(load((1, String::new())));
}
