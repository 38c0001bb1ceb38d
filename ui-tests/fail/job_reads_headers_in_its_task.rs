use with_after::{after, try_headers};
use with_after_jobs::job;

#[job]
async fn send_receipt() {
    after(|| {
        let _ = try_headers();
    });
}

fn main() {
    drop(send_receipt());
}
