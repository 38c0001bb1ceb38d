#![deny(unused_must_use)]

use with_after_jobs::job;

#[job]
async fn send_receipt(order: i64) {
    println!("{order}");
}

fn main() {
    send_receipt(7);
}
