use with_after::cache;

#[cache]
struct User;

fn main() {
    drop(User);
}
