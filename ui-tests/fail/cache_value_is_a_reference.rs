use with_after::cache;

#[cache]
async fn first(names: &[String]) -> &str {
    &names[0]
}

fn main() {
    drop(first(&[]));
}
