//! Calls whose request is one message.

use axum::Router;
use futures_util::StreamExt as _;
use tonic::{Code, Request, codegen::http::uri::PathAndQuery};
use with_after::{AfterLayer, End};

use super::{Server, codec};

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
    let missing = client.unary(Request::new("Ada".to_owned()), path, codec()).await;
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
    let answer = client.server_streaming(Request::new("endless".to_owned()), path, codec()).await;
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

#[tokio::test]
async fn under_tonics_own_server_tasks_know_the_status_and_the_application_drains_them() {
    let mut server = Server::start_tonic();
    server.unary("Ada").await.expect("it succeeds");
    assert_eq!(server.seen().await, ("always", Some(200), Some(0), End::Completed));
    assert_eq!(server.seen().await, ("success", Some(200), Some(0), End::Completed));
    let (items, _) = server.streaming("three and an error").await;
    assert_eq!(items.len(), 3);
    assert_eq!(server.seen().await, ("always", Some(200), Some(15), End::Completed));
    assert_eq!(server.seen().await, ("failure", Some(200), Some(15), End::Completed));
    server.stop().await;
}
