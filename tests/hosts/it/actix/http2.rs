//! HTTP/2, without TLS.

use std::{convert::Infallible, net::SocketAddr};

use actix_web::{
    HttpResponse,
    web::{self, Data},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    body::Incoming,
    client::conn::http2::{self, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, sync::Semaphore};
use with_after::{End, after, headers, with_after};

use super::{Options, Server, start_with};
use crate::support::{Report, within};

static GATE: Semaphore = Semaphore::const_new(0);

/// Streams two parts, the second one when the gate lets it pass.
#[with_after(route)]
async fn parts(report: Data<Report>) -> HttpResponse {
    report.schedule();
    let last = stream::once(async {
        GATE.acquire().await.expect("it is open").forget();
        "last"
    });
    let parts = stream::iter(["first"]).chain(last);
    HttpResponse::Ok().streaming(parts.map(|part| Ok::<_, Infallible>(Bytes::from(part))))
}

/// Streams for as long as the client takes it.
#[with_after(route)]
async fn endless(report: Data<Report>) -> HttpResponse {
    report.schedule();
    let parts = stream::repeat([0; 1 << 10]);
    HttpResponse::Ok().streaming(parts.map(|part| Ok::<_, Infallible>(Bytes::from_owner(part))))
}

#[with_after(route)]
async fn visit(report: Data<Report>) -> &'static str {
    after(async move {
        assert_eq!(headers().await["visitor"], "ada");
        report.schedule();
    });
    "welcome"
}

fn start() -> Server {
    let options = Options { http2: true, ..Options::default() };
    let routes = |app: &mut web::ServiceConfig| {
        app.route("/parts", web::get().to(parts)).route("/endless", web::get().to(endless));
        app.route("/visit", web::get().to(visit));
    };
    start_with(routes, &options)
}

async fn connect(address: SocketAddr) -> SendRequest<Empty<Bytes>> {
    let io = TokioIo::new(TcpStream::connect(address).await.expect("it listens"));
    let (client, connection) = http2::handshake(TokioExecutor::new(), io).await.expect("it speaks");
    tokio::spawn(connection);
    client
}

async fn get(client: &mut SendRequest<Empty<Bytes>>, path: &str) -> Response<Incoming> {
    let request = Request::get(format!("http://localhost{path}")).header("visitor", "ada");
    let request = request.body(Empty::new()).expect("the path is valid");
    within(client.send_request(request)).await.expect("a head comes")
}

#[tokio::test]
async fn over_http2_tasks_run_when_the_body_of_their_own_stream_has_ended() {
    let mut server = start();
    let mut client = connect(server.address).await;
    let mut parts = get(&mut client, "/parts").await.into_body();
    let first = within(parts.frame()).await.expect("it comes").expect("it does not fail");
    assert_eq!(first.into_data().expect("it is data"), "first");

    // Another stream of the connection meanwhile begins and ends.
    let response = get(&mut client, "/visit").await;
    let body = within(response.into_body().collect()).await.expect("it does not fail");
    assert_eq!(body.to_bytes(), "welcome");
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 7));
    assert!(server.outcomes.is_empty(), "the first response is not finished");

    GATE.add_permits(1);
    assert_eq!(within(parts.collect()).await.expect("it does not fail").to_bytes(), "last");
    assert_eq!(server.outcomes.next().await, (Some(200), End::Completed, 9));
}

#[tokio::test]
async fn over_http2_a_stream_that_its_client_resets_is_aborted() {
    let mut server = start();
    let mut client = connect(server.address).await;
    let response = get(&mut client, "/endless").await;
    drop(response);
    let (status, end, _) = server.outcomes.next().await;
    assert_eq!((status, end), (Some(200), End::Aborted));
}
