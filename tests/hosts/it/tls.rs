//! TLS, by a listener of tokio-rustls: a response is written when its last record is.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, routing::get, serve::Listener};
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{mpsc::UnboundedReceiver, mpsc::unbounded_channel, oneshot},
};
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName},
    },
    server,
};
use with_after::{AfterLayer, End, after, outcome, serve};

use crate::support::within;

const SIZE: usize = 64 << 20;

/// More than the kernel, and TLS, keep of one connection on both of its ends.
const KEPT: u64 = 32 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_waits_until_its_response_is_written_through_tls() {
    let tls = Tls::bind().await;
    let (address, trusted) = (tls.address, tls.certificate.clone());
    let read = Arc::new(AtomicU64::new(0));
    let (app, mut counts) = big(&read);
    let (stop, stopped) = oneshot::channel::<()>();
    let server = serve(tls, app).shutdown_on(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());

    read_all(address, trusted, &read).await;
    let (at_start, end) = within(counts.recv()).await.expect("the task runs");
    assert!(at_start + KEPT > SIZE as u64, "the task started after {at_start} bytes");
    assert_eq!(end, End::Completed);

    stop.send(()).expect("the server runs");
    let report = within(server).await.expect("it does not panic").expect("it drains");
    assert!(report.is_complete(), "{report}");
}

/// What the test above holds is not so of itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_serve_a_task_starts_while_its_response_is_written_through_tls() {
    let tls = Tls::bind().await;
    let (address, trusted) = (tls.address, tls.certificate.clone());
    let read = Arc::new(AtomicU64::new(0));
    let (app, mut counts) = big(&read);
    tokio::spawn(async move { axum::serve(tls, app).await });

    let mut client = connect(address, trusted).await;
    client.write_all(REQUEST).await.expect("it reads");
    let (at_start, _) = within(counts.recv()).await.expect("the task runs");
    assert_eq!(at_start, 0, "the client has read nothing");
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

/// Answers with [`SIZE`] bytes, and tells how many were read when the task starts.
fn big(read: &Arc<AtomicU64>) -> (Router, UnboundedReceiver<(u64, End)>) {
    let (sender, counts) = unbounded_channel();
    let read = Arc::clone(read);
    let handler = move || async move {
        after(move || {
            let end = outcome().expect("there was a response").end();
            sender.send((read.load(Ordering::SeqCst), end))
        });
        Bytes::from(vec![0; SIZE])
    };
    (Router::new().route("/", get(handler)).layer(AfterLayer::new()), counts)
}

async fn read_all(address: SocketAddr, trusted: CertificateDer<'static>, read: &AtomicU64) {
    let mut client = connect(address, trusted).await;
    client.write_all(REQUEST).await.expect("it reads");
    let mut buffer = vec![0; 1 << 16];
    while let n @ 1.. = within(client.read(&mut buffer)).await.expect("the connection stands") {
        read.fetch_add(n as u64, Ordering::SeqCst);
    }
    assert!(read.load(Ordering::SeqCst) > SIZE as u64, "the response is cut");
}

async fn connect(
    address: SocketAddr,
    trusted: CertificateDer<'static>,
) -> client::TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).expect("it is a certificate");
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = ServerName::try_from("localhost").expect("it is a name");
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream);
    within(connected).await.expect("it is trusted")
}

/// A listener whose connections are of TLS.
struct Tls {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
}

impl Tls {
    async fn bind() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("it is a name");
        let certificate = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .expect("they belong together");
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = tcp.local_addr().expect("it is bound");
        Self { tcp, acceptor: TlsAcceptor::from(Arc::new(config)), address, certificate }
    }
}

impl Listener for Tls {
    type Io = server::TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (stream, peer) = self.tcp.accept().await.expect("it is bound");
            // One that fails its handshake is no connection.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
