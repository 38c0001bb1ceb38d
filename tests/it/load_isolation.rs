//! Requests that are interleaved, also on one connection, never see each other's data.

use std::{collections::BTreeSet, fmt::Write as _, net::SocketAddr};

use axum::{Router, extract::Path, routing::get};
use http::Method;
use tokio::{
    io::AsyncReadExt as _,
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::{JoinSet, yield_now},
};
use with_after::{AfterLayer, after, cookies, headers};

use crate::{
    serve_support::{Running, patiently},
    support::{
        client::{Client, raw, request},
        server::Version,
    },
};

const CONNECTIONS: usize = 64;
const REQUESTS: usize = 32;

#[derive(Debug)]
struct Seen {
    number: usize,
    header: String,
    cookie: String,
    written: String,
}

/// Reads what the current request says of itself, yielding to other requests in between.
async fn look(number: usize) -> Seen {
    let header = headers().await.get("x-number").cloned();
    yield_now().await;
    let cookie = cookies().await.get("number");
    yield_now().await;
    let written = cookies().await.get("written");
    Seen {
        number,
        header: header.map_or_else(String::new, |value| format!("{value:?}")),
        cookie: cookie.map_or_else(String::new, |cookie| cookie.value().to_owned()),
        written: written.map_or_else(String::new, |cookie| cookie.value().to_owned()),
    }
}

async fn handler(number: usize, seen: UnboundedSender<Seen>) -> String {
    let early = seen.clone();
    after(async move { drop(early.send(look(number).await)) });
    yield_now().await;
    let first = look(number).await;
    cookies().await.set(("written", number.to_string())).expect("the head is not sent");
    yield_now().await;
    after(async move { drop(seen.send(look(number).await)) });
    format!("[{} {}]", first.header, first.cookie)
}

fn expected(number: usize) -> [String; 2] {
    [format!("[\"{number}\" {number}]"), format!("written={number}; Path=/")]
}

/// One request after the other has been answered.
async fn keep_alive(address: SocketAddr, numbers: Vec<usize>) {
    let mut client = Client::connect(address, Version::Http1).await;
    for number in numbers {
        let mut request = request(Method::GET, &format!("/{number}"));
        let value = |text: String| text.parse().expect("it is a header's value");
        request.headers_mut().insert("x-number", value(number.to_string()));
        request.headers_mut().insert("cookie", value(format!("number={number}")));
        let response = client.fetch(request).await.expect("it answers");
        let [body, cookie] = expected(number);
        assert_eq!(response.body, body);
        assert_eq!(response.headers["set-cookie"], cookie);
    }
}

/// All requests at once.
async fn pipelined(address: SocketAddr, numbers: Vec<usize>) {
    let mut requests = String::new();
    for number in &numbers {
        let last = if Some(number) == numbers.last() { "close" } else { "keep-alive" };
        write!(
            requests,
            "GET /{number} HTTP/1.1\r\nhost: localhost\r\nx-number: {number}\r\n\
             cookie: number={number}\r\nconnection: {last}\r\n\r\n"
        )
        .expect("a string takes all");
    }
    let mut client = raw(address, requests).await;
    let mut all = String::new();
    patiently(client.read_to_string(&mut all)).await.expect("it answers");
    let responses: Vec<_> = all.split_terminator("HTTP/1.1 200 OK\r\n").skip(1).collect();
    assert_eq!(responses.len(), numbers.len(), "{all}");
    for (response, number) in responses.into_iter().zip(numbers) {
        let [body, cookie] = expected(number);
        assert!(response.contains(&format!("set-cookie: {cookie}\r\n")), "{response}");
        assert!(response.ends_with(&format!("\r\n\r\n{body}")), "{response}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interleaved_requests_never_see_each_other() {
    let (sender, mut seen) = unbounded_channel();
    let app = Router::new().route(
        "/{number}",
        get(async move |Path(number): Path<usize>| handler(number, sender).await),
    );
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;

    let mut clients = JoinSet::new();
    for connection in 0..CONNECTIONS {
        let numbers: Vec<_> = (connection..CONNECTIONS * REQUESTS).step_by(CONNECTIONS).collect();
        if connection.is_multiple_of(2) {
            clients.spawn(keep_alive(address, numbers));
        } else {
            clients.spawn(pipelined(address, numbers));
        }
    }
    clients.join_all().await;
    server.end().await;

    let mut tasks = Vec::new();
    while let Some(Seen { number, header, cookie, written }) = seen.recv().await {
        let own = number.to_string();
        assert_eq!([header, cookie, written], [format!("{own:?}"), own.clone(), own]);
        tasks.push(number);
    }
    assert_eq!(tasks.len(), 2 * CONNECTIONS * REQUESTS);
    assert_eq!(BTreeSet::from_iter(tasks).len(), CONNECTIONS * REQUESTS);
}
