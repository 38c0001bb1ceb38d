use with_after_jobs::{job, riverqueue::WorkContext};

#[job]
async fn send_receipt(context: WorkContext) {
    drop(context);
}

fn main() {}
