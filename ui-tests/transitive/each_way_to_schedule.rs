use with_after::{after, headers, task, try_after, with_after};

async fn agent() {
    headers().await;
}

#[with_after(component)]
async fn page() {
    use with_after::after as later;
    after(agent());
    later(agent());
    with_after::after(agent());
    let _ = try_after(agent());
    task("agent").schedule(agent());
    let _ = task("agent").blocking().try_schedule(agent());
}

fn main() {}
