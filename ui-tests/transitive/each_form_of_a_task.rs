use with_after::{after, connection, with_after};

async fn wait() {
    connection().await;
}

#[with_after(component)]
async fn page(id: u64) {
    after(wait());
    after(wait);
    after(async move {
        wait().await;
        drop(id);
    });
    after(|| wait());
    after(|| async { wait().await });
    after(async || wait().await);
    let work = async { wait().await };
    after(work);
    after(if id > 0 { wait() } else { wait() });
}

fn main() {}
