use with_after_jobs::job;

#[job]
async fn send<T: Send>(what: T) {
    drop(what);
}

fn main() {}
