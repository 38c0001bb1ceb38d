//! What a task sees of a connection that is upgraded.

use std::sync::Arc;

use axum::{body::Body, extract::Request};
use http::{
    Response, StatusCode,
    header::{CONNECTION, UPGRADE},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Notify,
};
use with_after::{AfterLayer, End};

use crate::support::{
    client::{raw, read_until},
    outcomes::outcomes,
    server::{Host, Version, start},
    within,
};

#[tokio::test]
async fn an_upgrade_is_finished_with_its_handshake_while_the_connection_lives_on() {
    for at in [(Host::Axum, Version::Http1), (Host::Hyper, Version::Http1)] {
        let (report, mut outcomes) = outcomes();
        let task_ran = Arc::new(Notify::new());
        let gate = Arc::clone(&task_ran);
        let address = start(at, AfterLayer::new(), move |mut request: Request| {
            report.schedule();
            let (upgrade, gate) = (hyper::upgrade::on(&mut request), Arc::clone(&gate));
            tokio::spawn(async move {
                let mut io = TokioIo::new(upgrade.await.expect("the client wants it"));
                gate.notified().await;
                io.write_all(b"after").await.expect("the client reads");
                io.read_u8().await.expect("the client writes")
            });
            let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
            let response = response.header(CONNECTION, "upgrade").header(UPGRADE, "test");
            std::future::ready(response.body(Body::empty()).expect("it is valid"))
        })
        .await;
        let mut stream = raw(
            address,
            "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n",
        )
        .await;
        read_until(&mut stream, "\r\n\r\n").await;

        // The upgraded connection still waits for the gate.
        assert_eq!(outcomes.next().await, (Some(101), End::Completed, 0), "{at:?}");
        task_ran.notify_one();
        read_until(&mut stream, "after").await;
        within(stream.write_all(b"!")).await.expect("it is still open");
    }
}
