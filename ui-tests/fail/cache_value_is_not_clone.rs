use with_after::cache;

struct User;

#[cache]
async fn load(id: u64) -> User {
    drop(id);
    User
}

fn main() {
    drop(load(1));
}
