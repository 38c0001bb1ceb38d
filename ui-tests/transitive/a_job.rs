use with_after::{after, cookies, headers};
use with_after_jobs::job;

async fn visitor() {
    cookies().await;
}

#[job]
async fn greet(name: String) {
    visitor().await;
    drop(name);
}

#[job]
async fn remind() {
    after(visitor());
}

// What is found by its name is told once.
#[job]
async fn send() {
    headers().await;
    visitor().await;
}

fn main() {}
