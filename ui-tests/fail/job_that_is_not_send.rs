use std::rc::Rc;

use with_after_jobs::job;

#[job]
async fn send_receipt(order: i64) {
    let order = Rc::new(order);
    std::future::ready(()).await;
    println!("{order}");
}

fn main() {
    drop(send_receipt(7));
}
