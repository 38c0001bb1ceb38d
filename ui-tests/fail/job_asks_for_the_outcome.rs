use with_after::outcome;
use with_after_jobs::job;

#[job]
async fn send_receipt(order: i64) {
    if outcome().is_some() {
        println!("{order}");
    }
}

fn main() {
    drop(send_receipt(7));
}
