//! hyper, hyper-util, http-body-util, h2, reqwest, tonic, tokio-tungstenite, tokio-rustls, lettre,
//! hickory-resolver, object_store, async-compression.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _, TryStreamExt as _};
use http_body_util::{BodyExt as _, Empty, Full, Limited};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use lettre::{AsyncTransport as _, Message, Tokio1Executor, message::Mailbox};
use object_store::{ObjectStore, ObjectStoreExt as _, path::Path};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use with_after::{after, with_after};

use crate::{Failure, Outcome};

#[with_after(component)]
async fn hyper(uri: http::Uri) {
    let again = uri.clone();
    after(async move {
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let answer = client.get(uri).await?;
        let body = Limited::new(answer.into_body(), 1 << 20).collect().await?.to_bytes();
        Ok::<_, Failure>(())
    });
    after(async move {
        let stream = TcpStream::connect("127.0.0.1:1").await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection.with_upgrades());
        sender.ready().await?;
        let mut answer = sender.send_request(http::Request::new(Empty::new())).await?;
        while let Some(frame) = answer.frame().await.transpose()? {}
        driver.await??;
        Ok::<_, Failure>(())
    });
    after(async move {
        let stream = TcpStream::connect("127.0.0.1:1").await?;
        let (sender, connection) = h2::client::handshake(stream).await?;
        tokio::spawn(connection);
        let mut sender = sender.ready().await?;
        let (answer, mut body) = sender.send_request(http::Request::new(()), false)?;
        body.send_data(Bytes::new(), true)?;
        let mut received = answer.await?.into_body();
        while let Some(data) = received.data().await.transpose()? {
            received.flow_control().release_capacity(data.len())?;
        }
        received.trailers().await?;
        Ok::<_, Failure>(())
    });
}

async fn fetch(client: &reqwest::Client, url: &str) -> Result<serde_json::Value, reqwest::Error> {
    client.get(url).send().await?.error_for_status()?.json().await
}

#[with_after(component)]
async fn reqwest(client: reqwest::Client) {
    let other = client.clone();
    after(async move { fetch(&client, "http://a").await.map(drop) });
    after(async move {
        let form = reqwest::multipart::Form::new().text("a", "b");
        let answer = other.post("http://a").multipart(form).send().await?;
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = stream.try_next().await? {}
        let body = reqwest::Body::wrap_stream(futures::stream::iter([Ok::<_, Failure>("a")]));
        other.put("http://a").body(body).send().await?.text().await?;
        let answers = futures::stream::iter([other.clone()])
            .map(async |client| fetch(&client, "http://a").await);
        answers.buffered(2).try_collect::<Vec<_>>().await.map(drop)
    });
}

#[with_after(component)]
async fn tonic() {
    after(async {
        let channel = tonic::transport::Endpoint::from_static("http://a").connect().await?;
        let mut client = tonic_health::pb::health_client::HealthClient::new(channel);
        let request = tonic_health::pb::HealthCheckRequest::default();
        client.check(request.clone()).await?;
        let mut stream = client.watch(tonic::Request::new(request)).await?.into_inner();
        while let Some(message) = stream.message().await? {}
        stream.trailers().await?;
        Ok::<_, Failure>(())
    });
}

#[with_after(component)]
async fn sockets_and_tls(config: Arc<tokio_rustls::rustls::ClientConfig>) {
    after(async {
        let (mut socket, _) = tokio_tungstenite::connect_async("ws://a").await?;
        socket.send(tokio_tungstenite::tungstenite::Message::text("a")).await?;
        while let Some(message) = socket.next().await {
            message?.to_text()?;
        }
        let (mut sink, stream) = socket.split();
        sink.close().await?;
        Ok::<_, Failure>(())
    });
    after(async move {
        let stream = TcpStream::connect("127.0.0.1:1").await?;
        let connector = tokio_rustls::TlsConnector::from(config);
        let mut tls = connector.connect("a".try_into()?, stream).await?;
        tls.write_all(b"a").await?;
        tls.flush().await?;
        let mut text = String::new();
        tls.read_to_string(&mut text).await?;
        tls.shutdown().await?;
        Ok::<_, Failure>(())
    });
}

type Smtp = lettre::AsyncSmtpTransport<Tokio1Executor>;

#[with_after(component)]
async fn mail_names_and_files(smtp: Smtp, to: Mailbox, store: Arc<dyn ObjectStore>) {
    after(async move {
        let mail = Message::builder().from(to.clone()).to(to).body(String::new())?;
        smtp.send(mail).await?;
        smtp.test_connection().await?;
        Ok::<_, Failure>(())
    });
    after(async {
        let resolver = hickory_resolver::TokioResolver::builder_with_config(
            hickory_resolver::config::ResolverConfig::default(),
            Default::default(),
        )
        .build()?;
        for address in resolver.lookup_ip("a").await?.iter() {
            resolver.reverse_lookup(address).await?;
        }
        Ok::<_, Failure>(())
    });
    after(async move {
        let path = Path::from("a");
        store.put(&path, Bytes::from_static(b"a").into()).await?;
        let bytes = store.get(&path).await?.bytes().await?;
        let mut upload = store.put_multipart(&path).await?;
        upload.put_part(bytes.into()).await?;
        upload.complete().await?;
        let all: Vec<_> = store.list(None).try_collect().await?;
        Ok::<_, Failure>(())
    });
    after(async {
        let mut encoder = async_compression::tokio::write::GzipEncoder::new(Vec::new());
        encoder.write_all(b"a").await?;
        encoder.shutdown().await
    });
}
