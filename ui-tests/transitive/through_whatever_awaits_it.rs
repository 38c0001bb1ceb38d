use std::{future::Future, time::Duration};

use tokio::time::timeout;
use tracing::Instrument as _;
use with_after::{after, cookies, method, uri, with_after};

struct Store;

impl Store {
    async fn key(&self) -> String {
        uri().await.path().to_owned()
    }
}

trait Load {
    async fn load(&self);
}

impl Load for Store {
    async fn load(&self) {
        method().await;
    }
}

async fn with<L: Load>(loader: L) {
    loader.load().await;
}

async fn twice<F: Future>(mut make: impl FnMut() -> F) {
    make().await;
    make().await;
}

async fn read() {
    cookies().await;
}

#[with_after(component)]
async fn page() {
    after(async { drop(Store.key().await) });
    after(with(Store));
    after(twice(read));
    after(async { drop(timeout(Duration::from_secs(1), read()).await) });
    after(async { drop(tokio::join!(async {}, read())) });
    after(async {
        tokio::select! {
            () = async {} => {}
            () = read() => {}
        }
    });
    after(async {
        for one in vec![read(), read()] {
            one.await;
        }
    });
    after(read().instrument(tracing::info_span!("read")));
}

fn main() {}
