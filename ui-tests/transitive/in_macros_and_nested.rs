use with_after::{after, headers, try_after, with_after};

async fn agent() {
    headers().await;
}

#[with_after(component)]
async fn page() {
    after(async {
        after(async {
            after(agent());
        });
    });
    println!("{:?}", try_after(agent()));
    tokio::join!(async { after(agent) }, async {});
    tokio::select! {
        () = async {} => after(async { agent().await }),
    }
}

fn main() {}
