use with_after::connection;
use with_after_jobs::job;

#[job]
async fn send_receipt() {
    connection().await;
}

fn main() {
    drop(send_receipt());
}
