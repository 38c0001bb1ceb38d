//! gRPC, with tonic: an error is a response of HTTP status 200.

mod calls;
mod greeter;
mod streams;

use std::{net::SocketAddr, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinHandle,
};
use tonic::{
    Request, Response, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    service::Routes,
    transport::{Channel, server::TcpIncoming},
};
use tonic_prost::ProstCodec;
use with_after::{AfterLayer, End, platform::InProcess, serve};

use self::greeter::Greeter;
use crate::support::within;

/// What a task saw: who it is, the status of HTTP, that of gRPC, and the end.
type Seen = (&'static str, Option<u16>, Option<u16>, End);

/// A greeter under `serve`, and what its tasks saw.
struct Server {
    address: SocketAddr,
    seen: UnboundedReceiver<Seen>,
    stop: tokio::sync::oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<with_after::platform::DrainReport>>,
}

impl Server {
    async fn start(layers: impl FnOnce(Router) -> Router) -> Self {
        let (sender, seen) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let app = layers(Routes::new(Greeter { seen: sender }).into_axum_router());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let server = serve(listener, app).shutdown_on(async { drop(stopped.await) });
        Self { address, seen, stop, served: tokio::spawn(server.into_future()) }
    }

    /// Starts tonic's own server, which leaves the drain to the application.
    fn start_tonic() -> Self {
        let (sender, seen) = unbounded_channel();
        let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into()).expect("a port is free");
        let address = incoming.local_addr().expect("it is bound");
        let platform = InProcess::new();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tonic::transport::Server::builder()
            .layer(AfterLayer::with_platform(platform.clone()))
            .add_service(Greeter { seen: sender })
            .serve_with_incoming_shutdown(incoming, async { drop(stopped.await) });
        let served = async move {
            serving.await.map_err(std::io::Error::other)?;
            Ok(platform.drain(Duration::from_secs(20)).await)
        };
        Self { address, seen, stop, served: tokio::spawn(served) }
    }

    async fn client(&self) -> Grpc<Channel> {
        let endpoint = Channel::from_shared(format!("http://{}", self.address));
        let endpoint = endpoint.expect("it is an address");
        let mut client = Grpc::new(within(endpoint.connect()).await.expect("it listens"));
        client.ready().await.expect("it is connected");
        client
    }

    async fn unary(&self, name: &str) -> Result<String, Status> {
        let path = PathAndQuery::from_static("/test.Greeter/Unary");
        let codec = ProstCodec::<String, String>::default();
        let request = Request::new(name.to_owned());
        let mut client = self.client().await;
        within(client.unary(request, path, codec)).await.map(Response::into_inner)
    }

    /// Returns the items, and the error that ends them.
    async fn streaming(&self, what: &str) -> (Vec<String>, Option<Status>) {
        let path = PathAndQuery::from_static("/test.Greeter/Streaming");
        let codec = ProstCodec::<String, String>::default();
        let request = Request::new(what.to_owned());
        let mut client = self.client().await;
        let answer = within(client.server_streaming(request, path, codec)).await;
        let mut stream = answer.expect("it streams").into_inner();
        let mut items = Vec::new();
        loop {
            match within(stream.message()).await {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return (items, None),
                Err(status) => return (items, Some(status)),
            }
        }
    }

    async fn seen(&mut self) -> Seen {
        within(self.seen.recv()).await.expect("the server holds the other half")
    }

    /// Stops the server, which has nothing left to tell.
    async fn stop(mut self) {
        self.stop.send(()).expect("the server runs");
        let report = within(self.served).await.expect("it does not panic").expect("it drains");
        assert!(report.is_complete(), "{report}");
        assert_eq!(self.seen.recv().await, None);
    }
}

fn codec() -> ProstCodec<String, String> {
    ProstCodec::default()
}
