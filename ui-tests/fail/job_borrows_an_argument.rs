use with_after_jobs::job;

#[job]
async fn send_receipt(order: i64, email: &str) {
    println!("{order} {email}");
}

fn main() {}
