use with_after::cache;

#[cache]
fn load(id: u64) -> impl Future<Output = u64> {
    async move { id }
}

fn main() {
    drop(load(1));
}
