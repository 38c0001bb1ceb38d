use std::io;

use with_after::cache;

#[cache]
async fn load(id: u64) -> Result<u64, io::Error> {
    Ok(id)
}

fn main() {
    drop(load(1));
}
