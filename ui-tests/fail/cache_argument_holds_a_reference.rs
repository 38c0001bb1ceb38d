use with_after::cache;

#[cache]
async fn load(id: Option<&str>) -> usize {
    id.map_or(0, str::len)
}

fn main() {
    drop(load(None));
}
