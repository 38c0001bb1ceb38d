//! An output of `!` is a task's output.

use with_after::{after, task, with_after};

#[with_after]
async fn shop() {
    after(|| todo!());
    after(|| panic!("no"));
    after(async || panic!("no"));
    after(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    task("never").schedule(std::future::pending::<()>());
}

pub fn check() {
    drop(shop());
}
