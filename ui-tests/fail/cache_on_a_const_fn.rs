use with_after::cache;

#[cache]
const fn load(id: u64) -> u64 {
    id
}

fn main() {
    load(1);
}
