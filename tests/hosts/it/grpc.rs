//! gRPC, with tonic: an error is a response of HTTP status 200.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::Router;
use futures_util::{Stream, StreamExt as _, stream};
use http::{Request as HttpRequest, Response as HttpResponse};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};
use tonic::{
    Code, Request, Response, Status,
    client::Grpc as ClientGrpc,
    codegen::{BoxFuture, Service, http::uri::PathAndQuery},
    server::{Grpc, NamedService, ServerStreamingService, UnaryService},
    service::Routes,
    transport::Channel,
};
use tonic_prost::ProstCodec;
use with_after::{AfterLayer, End, RunOn, after, outcome, serve, task};

use crate::support::within;

/// What a task saw: who it is, the status of HTTP, that of gRPC, and the end.
type Seen = (&'static str, Option<u16>, Option<u16>, End);

#[tokio::test]
async fn a_call_that_succeeds_is_a_success() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let answer = server.unary("Ada").await.expect("it succeeds");
    assert_eq!(answer, "Hello, Ada!");
    assert_eq!(server.seen().await, ("always", Some(200), Some(0), End::Completed));
    assert_eq!(server.seen().await, ("success", Some(200), Some(0), End::Completed));
    server.stop().await;
}

#[tokio::test]
async fn a_status_other_than_0_is_a_failure_though_http_says_200() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    for (name, code) in [("nobody", Code::NotFound), ("refused", Code::PermissionDenied)] {
        let status = server.unary(name).await.expect_err("it fails");
        assert_eq!(status.code(), code);
        let number = u16::try_from(i32::from(code)).ok();
        assert_eq!(server.seen().await, ("always", Some(200), number, End::Completed));
        assert_eq!(server.seen().await, ("failure", Some(200), number, End::Completed));
    }
    server.stop().await;
}

#[tokio::test]
async fn a_stream_is_what_its_trailers_say() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let (items, end) = server.streaming("three").await;
    assert_eq!((items.len(), end.map(|status| status.code())), (3, None));
    assert_eq!(server.seen().await, ("always", Some(200), Some(0), End::Completed));
    assert_eq!(server.seen().await, ("success", Some(200), Some(0), End::Completed));

    let (items, end) = server.streaming("three and an error").await;
    assert_eq!((items.len(), end.map(|status| status.code())), (3, Some(Code::DataLoss)));
    assert_eq!(server.seen().await, ("always", Some(200), Some(15), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(15), End::Completed));
    server.stop().await;
}

#[tokio::test]
async fn a_method_that_is_not_there_is_a_failure() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let mut client = server.client().await;
    let path = PathAndQuery::from_static("/test.Greeter/Missing");
    let codec = ProstCodec::<String, String>::default();
    let missing = client.unary(Request::new("Ada".to_owned()), path, codec).await;
    assert_eq!(missing.expect_err("there is none").code(), Code::Unimplemented);
    assert_eq!(server.seen().await, ("always", Some(200), Some(12), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(12), End::Completed));
    server.stop().await;
}

#[tokio::test]
async fn a_stream_that_its_client_leaves_is_a_failure_without_a_status() {
    let mut server = Server::start(|app| app.layer(AfterLayer::new())).await;
    let mut client = server.client().await;
    let path = PathAndQuery::from_static("/test.Greeter/Streaming");
    let codec = ProstCodec::<String, String>::default();
    let answer = client.server_streaming(Request::new("endless".to_owned()), path, codec).await;
    let mut stream = answer.expect("it streams").into_inner();
    stream.next().await.expect("it goes on").expect("it does not fail");
    drop(stream);
    assert_eq!(server.seen().await, ("always", Some(200), None, End::Aborted));
    assert_eq!(server.seen().await, ("failure", Some(200), None, End::Aborted));
    server.stop().await;
}

#[tokio::test]
async fn the_layer_may_stand_inside_of_other_layers() {
    let layers = |app: Router| app.layer(AfterLayer::new()).layer(AfterLayer::new());
    let mut server = Server::start(layers).await;
    server.unary("nobody").await.expect_err("it fails");
    assert_eq!(server.seen().await, ("always", Some(200), Some(5), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(5), End::Completed));
    server.stop().await;
}

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

    async fn client(&self) -> ClientGrpc<Channel> {
        let endpoint = Channel::from_shared(format!("http://{}", self.address));
        let endpoint = endpoint.expect("it is an address");
        let mut client = ClientGrpc::new(within(endpoint.connect()).await.expect("it listens"));
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

/// What `tonic-build` would write for a service of two methods.
#[derive(Clone)]
struct Greeter {
    seen: UnboundedSender<Seen>,
}

impl NamedService for Greeter {
    const NAME: &'static str = "test.Greeter";
}

impl Greeter {
    /// Schedules a task for each kind of end.
    fn schedule(&self) {
        let (always, success, failure) = (self.seen.clone(), self.seen.clone(), self.seen.clone());
        after(move || look(&always, "always"));
        task("success").run_on(RunOn::Success).schedule(move || look(&success, "success"));
        task("failure").run_on(RunOn::Failure).schedule(move || look(&failure, "failure"));
    }
}

fn look(seen: &UnboundedSender<Seen>, who: &'static str) {
    let outcome = outcome().expect("it is a task of a request");
    let status = outcome.status().map(|status| status.as_u16());
    assert_eq!(outcome.is_success(), outcome.grpc_status() == Some(0));
    // Nobody listens any more where a test has failed.
    drop(seen.send((who, status, outcome.grpc_status(), outcome.end())));
}

impl Service<HttpRequest<tonic::body::Body>> for Greeter {
    type Response = HttpResponse<tonic::body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<tonic::body::Body>) -> Self::Future {
        self.schedule();
        Box::pin(async move {
            let mut grpc = Grpc::new(ProstCodec::<String, String>::default());
            Ok(match request.uri().path() {
                "/test.Greeter/Unary" => grpc.unary(Greet, request).await,
                "/test.Greeter/Streaming" => grpc.server_streaming(Count, request).await,
                _ => Status::unimplemented("there is no such method").into_http(),
            })
        })
    }
}

struct Greet;

impl UnaryService<String> for Greet {
    type Response = String;
    type Future = Ready<Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        ready(match request.get_ref().as_str() {
            "nobody" => Err(Status::not_found("nobody is there")),
            "refused" => Err(Status::permission_denied("not to you")),
            name => Ok(Response::new(format!("Hello, {name}!"))),
        })
    }
}

struct Count;

impl ServerStreamingService<String> for Count {
    type Response = String;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let three = stream::iter(["one", "two", "three"].map(|item| Ok(item.to_owned())));
        let items: Self::ResponseStream = match request.get_ref().as_str() {
            "three" => Box::pin(three),
            "endless" => Box::pin(three.chain(stream::pending())),
            _ => Box::pin(three.chain(stream::iter([Err(Status::data_loss("it is gone"))]))),
        };
        ready(Ok(Response::new(items)))
    }
}
