//! Code that has run leaves data behind, which a task may have.

use with_after::{after, cookies, headers, try_headers, with_after};

fn run<T>(code: impl FnOnce() -> T) -> T {
    code()
}

async fn save(_: usize) {}

struct Page<F> {
    title: String,
    read: F,
}

#[with_after(component)]
async fn page() -> usize {
    let (agent, count) =
        tokio::join!(async { headers().await.len() }, async { cookies().await.iter().count() });
    let direct = run(|| try_headers().map_or(0, |headers| headers.len()));
    let first = tokio::select! {
        count = async { headers().await.len() } => count,
        () = std::future::pending() => 0,
    };
    let page = Page { title: String::from("tea"), read: || try_headers().is_ok() };
    let seen = (page.read)();
    let Page { title, read } = page;
    after(async move { println!("{agent} {count} {direct} {first} {seen} {title}") });
    after(save(direct + first));
    usize::from(read())
}

pub fn check() {
    drop(page());
}
