use with_after::cache;

#[cache]
async fn load<T: Clone + Send + 'static>(id: T) -> usize {
    drop(id);
    1
}

fn main() {
    drop(load(1));
}
