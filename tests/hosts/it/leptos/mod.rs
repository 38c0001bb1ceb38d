//! Leptos on `leptos_axum`: server functions, components, and what they stream.

mod components;
mod server_functions;
mod streams;

use std::{net::SocketAddr, sync::Once, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, runtime::Handle};
use with_after::{AfterLayer, platform::InProcess};

/// A running server.
struct Server {
    address: SocketAddr,
    platform: InProcess,
}

async fn start(app: Router) -> Server {
    static EXECUTOR: Once = Once::new();
    EXECUTOR.call_once(|| with_after::leptos::init_executor().expect("it comes first"));
    let platform = InProcess::on(Handle::current());
    let app = app.layer(AfterLayer::with_platform(platform.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server { address, platform }
}

impl Server {
    /// Waits for all tasks.
    async fn drain(&self) {
        let report = self.platform.drain(Duration::from_secs(20)).await;
        assert!(report.is_complete(), "{report}");
    }
}
