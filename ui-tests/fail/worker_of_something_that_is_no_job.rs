use with_after_jobs::{Store, WorkersBuilder};

fn workers<S: Store>(workers: WorkersBuilder<S>) {
    let _ = workers.job::<String>();
}

fn main() {}
