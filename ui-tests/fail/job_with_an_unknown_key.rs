use with_after_jobs::job;

#[job(retries = 3)]
async fn send_receipt() {}

fn main() {}
