use with_after_jobs::job;

#[job(name = "send receipt")]
async fn send_receipt() {}

fn main() {}
