use std::borrow::Cow;

use with_after::cache;

#[cache]
async fn load(id: Cow<'_, str>) -> usize {
    id.len()
}

fn main() {
    drop(load("a".into()));
}
