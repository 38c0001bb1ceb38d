#![deny(warnings)]

use with_after::{cookies, with_after};

struct Queue;

impl Queue {
    fn schedule<F: Future>(&self, _: F) {}
    fn after<F: Future>(&self, _: F) {}
}

mod other {
    pub fn after<F: Future>(_: F) {}
}

#[with_after(component)]
pub async fn page() {
    Queue.schedule(async { cookies().await });
    Queue.after(async { cookies().await });
    other::after(async { cookies().await });
}
