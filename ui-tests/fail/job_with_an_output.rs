use with_after_jobs::job;

#[job]
async fn count() -> usize {
    3
}

fn main() {
    drop(count());
}
