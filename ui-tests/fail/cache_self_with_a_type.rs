use std::sync::Arc;

use with_after::cache;

struct Db;

impl Db {
    #[cache]
    async fn load(self: Arc<Self>, id: u64) -> u64 {
        id
    }
}

fn main() {
    drop(Arc::new(Db).load(1));
}
