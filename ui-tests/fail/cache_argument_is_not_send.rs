use std::rc::Rc;

use with_after::cache;

#[cache]
async fn load(id: Rc<u64>) -> u64 {
    *id
}

fn main() {
    drop(load(Rc::new(1)));
}
