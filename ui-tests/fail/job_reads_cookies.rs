use with_after::cookies;
use with_after_jobs::job;

#[job]
async fn send_receipt(order: i64) {
    let visitor = cookies().await.get("visitor");
    println!("{order} {visitor:?}");
}

fn main() {
    drop(send_receipt(7));
}
