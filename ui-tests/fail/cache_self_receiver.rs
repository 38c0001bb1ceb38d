use with_after::cache;

struct Db;

impl Db {
    #[cache]
    async fn load(&self, id: u64) -> u64 {
        id
    }
}

fn main() {
    drop(Db.load(1));
}
