use with_after::cache;

#[derive(Clone, PartialEq, Eq)]
struct Filter(String);

#[cache]
async fn search(page: u32, filter: Filter) -> usize {
    filter.0.len() + page as usize
}

fn main() {
    drop(search(1, Filter(String::new())));
}
