use with_after_jobs::job;

struct Mailer;

#[job]
async fn send_receipt(order: i64, mailer: Mailer) {
    let _ = (order, mailer);
}

fn main() {
    drop(send_receipt(7, Mailer));
}
