//! The service.

use std::{
    convert::Infallible,
    future::{Ready, pending, ready},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt as _, stream};
use http::{Request as HttpRequest, Response as HttpResponse};
use tokio::sync::mpsc::UnboundedSender;
use tonic::{
    Request, Response, Status, Streaming,
    codegen::{BoxFuture, Service},
    server::{
        ClientStreamingService, Grpc, NamedService, ServerStreamingService, StreamingService,
        UnaryService,
    },
};
use with_after::{RunOn, after, outcome, task};

use super::{Seen, codec};

/// What `tonic-build` would write for a service of four methods.
#[derive(Clone)]
pub(super) struct Greeter {
    pub(super) seen: UnboundedSender<Seen>,
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
    seen.send((who, status, outcome.grpc_status(), outcome.end())).expect("the test listens");
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
            let mut grpc = Grpc::new(codec());
            Ok(match request.uri().path() {
                "/test.Greeter/Unary" => grpc.unary(Greet, request).await,
                "/test.Greeter/Streaming" => grpc.server_streaming(Count, request).await,
                "/test.Greeter/Collecting" => grpc.client_streaming(Collect, request).await,
                "/test.Greeter/Echoing" => grpc.streaming(Echo, request).await,
                _ => Status::unimplemented("there is no such method").into_http(),
            })
        })
    }
}

struct Greet;

impl UnaryService<String> for Greet {
    type Response = String;
    type Future = BoxFuture<Response<String>, Status>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        Box::pin(async move {
            match request.get_ref().as_str() {
                "nobody" => Err(Status::not_found("nobody is there")),
                "refused" => Err(Status::permission_denied("not to you")),
                "somebody slow" => pending().await,
                name => Ok(Response::new(format!("Hello, {name}!"))),
            }
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

struct Collect;

impl ClientStreamingService<String> for Collect {
    type Response = String;
    type Future = BoxFuture<Response<String>, Status>;

    fn call(&mut self, request: Request<Streaming<String>>) -> Self::Future {
        Box::pin(async move {
            let (mut items, mut all) = (request.into_inner(), String::new());
            while let Some(item) = items.message().await? {
                if item == "bad" {
                    return Err(Status::invalid_argument("that is no item"));
                }
                all += &item;
            }
            Ok(Response::new(all))
        })
    }
}

/// Answers each message, and fails at a bad one.
struct Echo;

impl StreamingService<String> for Echo {
    type Response = String;
    type ResponseStream = Pin<Box<dyn Stream<Item = Result<String, Status>> + Send>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Streaming<String>>) -> Self::Future {
        let items = request.into_inner().map(|item| match item? {
            bad if bad == "bad" => Err(Status::invalid_argument("that is no item")),
            item => Ok(item),
        });
        ready(Ok(Response::new(Box::pin(items))))
    }
}
