//! `serve` takes any listener, and tells each request where it comes from.

use std::{env, fs, net::SocketAddr, process};

use axum::{Router, extract::ConnectInfo, routing::get};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, UnixListener, UnixStream, unix},
};
use with_after::{AfterLayer, End};

use crate::{
    serve_support::{AGES, How, Running, Watch},
    support::{
        client::{get as fetch, read_until},
        outcomes::outcomes,
        within,
    },
};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_listener_of_ones_own_works() {
    let (listener, address, watch) = Watch::listen(How::Vectored).await;
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route("/", get(async move || report.schedule()));
    let server = Running::start_on(listener, app.layer(AfterLayer::new()), AGES);
    assert_eq!(fetch(address, "/").await.status, 200);
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 0));
    assert_ne!(watch.written(), 0, "the connection is the listener's");
    server.end().await;
}

#[tokio::test]
async fn a_unix_socket_works() {
    let path = env::temp_dir().join(format!("with-after-{}.sock", process::id()));
    drop(fs::remove_file(&path));
    let listener = UnixListener::bind(&path).expect("the path is free");
    let (report, mut outcomes) = outcomes();
    let app = Router::new().route(
        "/",
        get(async move |ConnectInfo(peer): ConnectInfo<unix::SocketAddr>| {
            report.schedule();
            format!("unnamed: {}", peer.is_unnamed())
        }),
    );
    let server = Running::start_on(listener, app.layer(AfterLayer::new()), AGES);

    let mut client = UnixStream::connect(&path).await.expect("it listens");
    client.write_all(REQUEST).await.expect("it reads");
    let mut response = String::new();
    within(client.read_to_string(&mut response)).await.expect("it answers");
    assert!(response.ends_with("unnamed: true"), "{response}");
    assert_eq!(outcomes.next().await, (Some(200), End::Completed, 13));
    server.end().await;
    fs::remove_file(&path).expect("it was made");
}

#[tokio::test]
async fn a_request_carries_the_address_of_its_client_where_it_is_asked_for() {
    let app = Router::new()
        .route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()));
    let (server, address) = Running::start(app.layer(AfterLayer::new())).await;
    let mut client = TcpStream::connect(address).await.expect("it listens");
    client.write_all(REQUEST).await.expect("it reads");
    let own = client.local_addr().expect("it is connected").to_string();
    assert!(read_until(&mut client, &own).await.ends_with(&own));
    server.end().await;
}
