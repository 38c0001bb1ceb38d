use with_after_jobs::job;

#[job]
fn send_receipt(order: i64) {
    println!("{order}");
}

fn main() {}
