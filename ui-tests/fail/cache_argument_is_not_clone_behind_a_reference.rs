use with_after::cache;

#[derive(Hash, PartialEq, Eq)]
struct Id(u64);

#[cache]
async fn load(id: &Id) -> u64 {
    id.0
}

fn main() {
    drop(load(&Id(1)));
}
